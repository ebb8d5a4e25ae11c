//! How connections end.

use crate::scenario::scenarios;

scenarios! {
    stack_closes_first,
}
