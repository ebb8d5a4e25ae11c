//! What comes below TCP.

use crate::scenario::scenarios;

scenarios! {
    bad_checksum,
    fragments,
    one_hop_left,
    other_host,
    unknown_option,
}
