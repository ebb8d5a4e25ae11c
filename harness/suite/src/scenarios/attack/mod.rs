//! Segments from somebody who guesses.

use crate::scenario::scenarios;

scenarios! {
    ack_storm,
    blind_data,
    blind_resets,
    blind_syns,
    challenges,
    fin_scan,
    land,
}
