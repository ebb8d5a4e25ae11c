//! Where the parser stands among the tokens.

use crate::syntax::ast::ScriptOption;
use crate::syntax::error::{Place, SyntaxError};
use crate::syntax::parse::Defines;
use crate::syntax::token::{Kind, Token, tokens};

/// Nested brackets beyond which an expression is refused: a parser that calls itself must end.
const MAX_DEPTH: u32 = 64;

pub struct Cursor<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    defines: Defines,
    undefined: Vec<String>,
    depth: u32,
}

impl<'a> Cursor<'a> {
    pub fn new(text: &'a str, tokens: Vec<Token>, defines: &Defines) -> Cursor<'a> {
        let mut cursor = Cursor {
            text,
            tokens,
            at: 0,
            defines: defines.clone(),
            undefined: Vec::new(),
            depth: 0,
        };
        cursor.resolve();
        cursor
    }

    /// `--define=NAME=VALUE`, from here on.
    pub fn define(&mut self, option: &ScriptOption) {
        let pair = option.value.as_deref().and_then(|value| value.split_once('='));
        if let Some((name, value)) = pair.filter(|_| option.is_definition()) {
            self.defines.insert(name.to_owned(), value.to_owned());
            self.resolve();
        }
    }

    fn token(&self) -> &Token {
        // The last token is the end, and nothing goes past it.
        &self.tokens[self.at.min(self.tokens.len() - 1)]
    }

    pub fn peek(&self) -> &Kind {
        &self.token().kind
    }

    pub fn peek_second(&self) -> &Kind {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)].kind
    }

    pub fn advance(&mut self) {
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        self.resolve();
    }

    /// A word that stands for something else becomes that.
    fn resolve(&mut self) {
        let token = self.token();
        if token.kind != Kind::Word || token.defined {
            return;
        }
        let Some(value) = self.text.get(token.at.clone()).and_then(|name| self.defines.get(name)) else {
            return;
        };
        let first = tokens(value)
            .ok()
            .filter(|(all, _)| all.len() == 2)
            .map(|(mut all, _)| all.swap_remove(0).kind);
        let kind = match first {
            // A word for a word: its text is found among the definitions.
            Some(Kind::Word) | None => Kind::Word,
            Some(kind) => kind,
        };
        let at = self.at.min(self.tokens.len() - 1);
        self.tokens[at].kind = kind;
        self.tokens[at].defined = true;
    }

    /// The present token's text, as it is meant.
    pub fn source(&self) -> &str {
        let token = self.token();
        let text = self.text.get(token.at.clone()).unwrap_or_default();
        if token.defined {
            self.defines.get(text).map_or(text, String::as_str)
        } else {
            text
        }
    }

    /// The octet where the present token begins.
    pub fn offset(&self) -> usize {
        self.token().at.start
    }

    /// The octet behind the token before this.
    pub fn end_of_last(&self) -> usize {
        self.at.checked_sub(1).map_or(0, |last| self.tokens[last].at.end)
    }

    pub fn place(&self) -> Place {
        Place::of(self.text, self.offset())
    }

    pub fn wrong(&self, expected: impl Into<String>) -> SyntaxError {
        let found = match self.peek() {
            Kind::End => "the end of the script".to_owned(),
            _ => format!("'{}'", self.source().lines().next().unwrap_or_default()),
        };
        SyntaxError::new(self.text, self.offset(), expected, found)
    }

    pub fn is_symbol(&self, symbol: char) -> bool {
        *self.peek() == Kind::Symbol(symbol)
    }

    pub fn take_symbol(&mut self, symbol: char) -> bool {
        let is = self.is_symbol(symbol);
        if is {
            self.advance();
        }
        is
    }

    pub fn symbol(&mut self, symbol: char) -> Result<(), SyntaxError> {
        if self.take_symbol(symbol) {
            Ok(())
        } else {
            Err(self.wrong(format!("'{symbol}'")))
        }
    }

    pub fn is_word(&self, word: &str) -> bool {
        *self.peek() == Kind::Word && self.source() == word
    }

    pub fn take_word(&mut self, word: &str) -> bool {
        let is = self.is_word(word);
        if is {
            self.advance();
        }
        is
    }

    pub fn keyword(&mut self, word: &str) -> Result<(), SyntaxError> {
        if self.take_word(word) {
            Ok(())
        } else {
            Err(self.wrong(format!("'{word}'")))
        }
    }

    pub fn word(&mut self, what: &str) -> Result<String, SyntaxError> {
        if *self.peek() != Kind::Word {
            return Err(self.wrong(what));
        }
        let word = self.source().to_owned();
        self.advance();
        Ok(word)
    }

    /// Hexadecimal digits, or a name that stands for them.
    pub fn digits(&mut self) -> Option<String> {
        if !matches!(self.peek(), Kind::Word | Kind::Int(_)) {
            return None;
        }
        let digits = self.source().to_owned();
        self.advance();
        Some(digits)
    }

    /// Symbols that should have been defined.
    pub fn undefined(&mut self) -> Vec<String> {
        std::mem::take(&mut self.undefined)
    }

    /// Takes a name in capitals that stands where a value belongs: the command line is to define it.
    pub fn take_symbolic(&mut self) -> bool {
        let name = self.source();
        let symbolic = *self.peek() == Kind::Word
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
            && name.chars().any(|c| !c.is_ascii_hexdigit());
        if symbolic {
            let name = name.to_owned();
            if !self.undefined.contains(&name) {
                self.undefined.push(name);
            }
            self.advance();
        }
        symbolic
    }

    /// A whole number from `low` to `high`.
    pub fn number(&mut self, what: &str, low: i64, high: i64) -> Result<i64, SyntaxError> {
        if let Kind::Int(value) | Kind::Hex(value) = *self.peek()
            && (low..=high).contains(&value)
        {
            self.advance();
            return Ok(value);
        }
        if self.take_symbolic() {
            return Ok(low);
        }
        Err(self.wrong(format!("{what}, {low} to {high}")))
    }

    pub fn u32(&mut self, what: &str) -> Result<u32, SyntaxError> {
        self.number(what, 0, i64::from(u32::MAX)).map(|value| value as u32)
    }

    pub fn u16(&mut self, what: &str) -> Result<u16, SyntaxError> {
        self.number(what, 0, i64::from(u16::MAX)).map(|value| value as u16)
    }

    pub fn u8(&mut self, what: &str) -> Result<u8, SyntaxError> {
        self.number(what, 0, i64::from(u8::MAX)).map(|value| value as u8)
    }

    /// A command in backquotes, if one stands here.
    pub fn command(&mut self) -> Option<String> {
        let Kind::Command(command) = self.peek() else {
            return None;
        };
        let command = command.clone();
        self.advance();
        Some(command)
    }

    /// Goes one bracket deeper.
    pub fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, SyntaxError>) -> Result<T, SyntaxError> {
        if self.depth >= MAX_DEPTH {
            return Err(self.wrong(format!("at most {MAX_DEPTH} nested brackets")));
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }
}
