//! A script out of a captured connection.

use std::path::Path;

/// The end of the connection that becomes the stack under test.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Client,
    Server,
}

/// The script of the connection with this number, from 0; or why there is none.
pub fn script(_capture: &Path, _connection: usize, _side: Side) -> Result<String, String> {
    Err("not yet".to_owned())
}
