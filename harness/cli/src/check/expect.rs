//! The expectations file: deviations that somebody has looked at and accepts.
//!
//! A line is `requirement endpoint reason`, separated by blanks: the requirement's id, an address (of live tests: a stack's
//! name) or `*`, and free text.
//! `#` begins a comment.

use crate::Failure;
use std::path::Path;

/// One accepted deviation.
pub struct Expectation {
    pub requirement: String,
    /// None: whichever endpoint.
    pub endpoint: Option<String>,
    /// As the file has it, for messages.
    pub line: String,
    pub met: bool,
}

impl Expectation {
    pub fn covers(&self, requirement: &str, endpoint: &str) -> bool {
        self.requirement == requirement && self.endpoint.as_deref().is_none_or(|mine| mine == endpoint)
    }
}

/// Whom a line may name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whom {
    Address,
    Stack,
}

pub fn read(path: &Path, whom: Whom) -> Result<Vec<Expectation>, Failure> {
    let file = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| format!("{file}: {error}"))?;
    let mut all = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let content = line.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        all.push(parse(content, whom).map_err(|problem| format!("{file}: line {number}: {problem}"))?);
    }
    Ok(all)
}

fn parse(content: &str, whom: Whom) -> Result<Expectation, String> {
    let mut words = content.split_whitespace();
    let requirement = words.next().unwrap_or_default();
    if conformance::requirement_by_id(requirement).is_none() {
        return Err(format!(
            "'{requirement}' is no requirement, expected an id of `stackproof rules`"
        ));
    }
    let endpoint = words
        .next()
        .ok_or("expected an address, or a stack, or `*` behind the requirement")?;
    let endpoint = match endpoint {
        "*" => None,
        stack if whom == Whom::Stack => Some(stack.to_string()),
        address => Some(
            address
                .parse::<std::net::IpAddr>()
                .map_err(|_| format!("'{address}' is no IP address, expected one or `*`"))?
                .to_string(),
        ),
    };
    Ok(Expectation {
        requirement: requirement.to_string(),
        endpoint,
        line: content.to_string(),
        met: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("tcp/reserved-bits-zero * known", None)]
    #[case("tcp/reserved-bits-zero 192.0.2.1", Some("192.0.2.1"))]
    fn a_line_names_a_requirement_and_an_endpoint(#[case] line: &str, #[case] endpoint: Option<&str>) {
        assert_eq!(parse(line, Whom::Address).unwrap().endpoint.as_deref(), endpoint);
    }

    #[rstest]
    #[case("tcp/no-such-thing *", "is no requirement")]
    #[case("tcp/reserved-bits-zero", "expected an address")]
    #[case("tcp/reserved-bits-zero here", "is no IP address")]
    fn a_wrong_line_says_what_was_expected(#[case] line: &str, #[case] message: &str) {
        let Err(problem) = parse(line, Whom::Address) else {
            panic!("'{line}' was accepted")
        };
        assert!(problem.contains(message), "{problem}");
    }
}
