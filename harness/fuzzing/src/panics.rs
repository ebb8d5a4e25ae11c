//! Where a panic happened: a find is grouped by its place, and nothing is printed a million times.

use std::cell::{Cell, RefCell};

thread_local! {
    static PLAYING: Cell<bool> = const { Cell::new(false) };
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// From here on a panic inside a conversation prints nothing, and [`panicked_at`] tells of it. For a program that plays many;
/// under libFuzzer a panic is to end the process.
pub fn quiet() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if PLAYING.get() {
            let place = panic.location().map(|at| format!("{}:{}", short(at.file()), at.line()));
            PLACE.set(place);
        } else {
            before(panic);
        }
    }));
}

/// The place of this thread's latest panic.
pub fn panicked_at() -> Option<String> {
    PLACE.take()
}

pub(crate) fn playing(yes: bool) {
    PLAYING.set(yes);
}

/// Without the folders of this machine: from the package on.
fn short(file: &str) -> &str {
    file.rfind("/src/")
        .and_then(|at| file.get(..at)?.rfind('/'))
        .and_then(|at| file.get(at + 1..))
        .unwrap_or(file)
}
