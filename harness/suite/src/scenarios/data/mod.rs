//! Data on its way, both ways.

use crate::scenario::scenarios;

scenarios! {
    large_write,
}
