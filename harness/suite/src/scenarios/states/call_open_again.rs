use super::place::{SYNCHRONIZED, named, place, still};
use crate::scenarios::prelude::*;

scenario! {
    "states/call_open_again", "The application listens on another port, and a second connection to the first port is opened.",
    exercises: ["tcp/several-from-listener", "tcp/listening-leaves-connections"],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let listened = t.call(format_args!("passive OPEN of port 7001"), |stack| stack.listen(7001));
    if listened.is_ok() {
        still(t, &mut peer, state, "tcp/listening-leaves-connections")?;
    }
    let second = t.passive(Offer::default());
    t.require("tcp/several-from-listener", second.is_ok(), "a second connection", "none");
    t.delivers_both_ways(&mut second?)
}
