//! What is wrong with a script, and where.

use std::fmt;

/// A place in a script's text, counted from one; columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Place {
    pub line: u32,
    pub column: u32,
}

impl Place {
    /// Of the octet `offset` of `text`.
    pub fn of(text: &str, offset: usize) -> Place {
        let before = text.get(..offset).unwrap_or(text);
        let line = before.matches('\n').count() as u32 + 1;
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[start..].chars().count() as u32 + 1;
        Place { line, column }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A script that cannot be read: what was expected at which place, and what stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    pub place: Place,
    pub expected: String,
    pub found: String,
    /// The line, with tabs as they stand.
    pub line: String,
}

impl SyntaxError {
    pub fn new(text: &str, offset: usize, expected: impl Into<String>, found: impl Into<String>) -> SyntaxError {
        let place = Place::of(text, offset);
        SyntaxError {
            place,
            expected: expected.into(),
            found: found.into(),
            line: text.lines().nth(place.line as usize - 1).unwrap_or_default().to_owned(),
        }
    }

    /// `expected X, found Y`
    pub fn message(&self) -> String {
        format!("expected {}, found {}", self.expected, self.found)
    }

    /// The line, and a caret below the place.
    pub fn excerpt(&self) -> String {
        let indent: String = self
            .line
            .chars()
            .take(self.place.column as usize - 1)
            .map(|c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        format!("{}\n{indent}^", self.line)
    }
}

impl fmt::Display for SyntaxError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.message())
    }
}

impl std::error::Error for SyntaxError {}
