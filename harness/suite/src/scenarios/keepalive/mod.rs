//! Connections on which nothing happens.

use crate::scenario::scenarios;

scenarios! {
    answered,
    from_tester,
    off_by_default,
    unanswered,
}
