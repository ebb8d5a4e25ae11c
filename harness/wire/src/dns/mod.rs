//! DNS messages: RFC 1035 with RFC 2181, 2782, 3596, 3597, 4343 and 6891.
//!
//! [`Message`] is a view that delimits what a datagram (or one message of [`tcp::Framer`]) holds; nothing is copied or
//! allocated, whatever the counts in its header claim. What could be read before an error stays readable. [`emit`] writes
//! messages, legal or not. Whether a message is allowed is for the requirements to say.

pub mod edns;
pub mod emit;
mod error;
mod header;
mod message;
mod name;
mod name_buf;
mod rdata;
mod record;
pub mod tcp;

pub use error::{Error, Problem, Section};
pub use header::{HEADER_LEN, Header, Opcode, Rcode};
pub use message::{Message, Questions, Records};
pub use name::{Labels, MAX_LABEL, MAX_NAME, Name, Pointer};
pub use name_buf::{NameBuf, NameSyntax};
pub use rdata::{Data, Mx, Soa, Srv, Strings};
pub use record::{Class, Question, Record, Type};

#[cfg(test)]
mod tests;
