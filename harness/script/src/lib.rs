//! The packetdrill language: read, written, explained; and scripts run at any [`stacks::Stack`].
//!
//! - `syntax`: text to [`Script`](syntax::ast::Script) and back;
#![forbid(unsafe_code)]

pub mod syntax;
