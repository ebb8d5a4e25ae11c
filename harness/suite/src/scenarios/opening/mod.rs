//! How connections begin, and how they fail to.

use crate::scenario::scenarios;

scenarios! {
    ordinary_handshake,
}
