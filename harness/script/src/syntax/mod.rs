//! The language: tokens, what they mean, and text again.

pub mod ast;
mod conditional;
mod error;
mod explain;
mod flags;
mod format;
mod parse;
mod print;
mod token;

pub use error::{Place, SyntaxError};
pub use explain::explain;
pub use format::format;
pub use parse::{Defines, parse};
