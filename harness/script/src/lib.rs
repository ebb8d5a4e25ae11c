//! The packetdrill language: read, written, explained; and scripts run at any [`stacks::Stack`].
//!
//! - `syntax`: text to [`Script`](syntax::ast::Script) and back;
//! - `run`: a script at a stack, on the stack's clock.
#![forbid(unsafe_code)]

pub mod captured;
pub mod run;
pub mod syntax;
mod wire_options;
