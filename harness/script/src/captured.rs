//! A script out of a captured connection, ready to be run against another stack.

use crate::run::{Flow, Message, Sniffed};
use crate::syntax::ast::*;
use capture::{Item, PacketInfo};
use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::Path;
use wire::Instant;

/// The end of the connection that becomes the stack under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}
