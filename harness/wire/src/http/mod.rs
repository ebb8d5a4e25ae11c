//! HTTP/1.x messages in one direction of a connection: RFC 9112, with the semantics of RFC 9110 that framing needs.
//!
//! [`Parser`] takes the reassembled stream in pieces of any size and gives [`Event`]s: heads with their fields in order and
//! whatever is irregular about them, how the body is delimited and by which rule, its length, and why a message is
//! incomplete. Bodies are counted, not kept. Whether a message is allowed is for the requirements to say.

mod body;
mod chunked;
pub mod emit;
mod event;
mod field;
mod irregular;
mod parser;
mod start_line;

pub use body::{Framing, Method, Rule};
pub use chunked::ChunkSize;
pub use event::{Ended, Event, Head, Why};
pub use field::{Field, Fields, Survey};
pub use irregular::Irregular;
pub use parser::{MAX_HEAD, Parser, Side};
pub use start_line::{METHODS, StartLine, Version, looks_like_start};

#[cfg(test)]
mod tests;
