//! `#ifdef NAME`, `#ifndef NAME`, `#else`, `#endif`: FreeBSD's suite holds what the standard asks and what FreeBSD does.

use crate::syntax::error::SyntaxError;
use crate::syntax::parse::Defines;

/// What holds where nobody defines anything.
const BY_DEFAULT: &str = "STANDARD";

/// The text with all that does not hold, and the directives, blanked out: places stay what they are.
pub fn resolve(text: &str, defines: &Defines) -> Result<String, SyntaxError> {
    if !text.lines().any(|line| line.starts_with('#')) {
        return Ok(text.to_owned());
    }
    let holds = |name: &str| name == BY_DEFAULT || defines.contains_key(name);
    let mut open: Vec<bool> = Vec::new();
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["#ifdef", name] => open.push(holds(name)),
            ["#ifndef", name] => open.push(!holds(name)),
            ["#else"] if !open.is_empty() => open.last_mut().into_iter().for_each(|holds| *holds = !*holds),
            ["#endif"] if !open.is_empty() => drop(open.pop()),
            _ if open.iter().all(|&holds| holds) => {
                out.push_str(line);
                continue;
            }
            _ => {}
        }
        out.extend(line.bytes().map(|octet| if octet == b'\n' { '\n' } else { ' ' }));
    }
    if open.is_empty() {
        Ok(out)
    } else {
        Err(SyntaxError::new(text, text.len(), "#endif", "the end of the script"))
    }
}
