use crate::peer::{Offer, Opening, RTT};
use crate::scenario::{Step, scenario};
use crate::tester::Tester;

scenario! {
    "opening/ordinary_handshake", "A connection is opened, either way round, and carries a few octets both ways.",
    exercises: ["tcp/data-delivered", "tcp/uses-timestamps"],
    variants: &["listening", "connecting", "listening-full", "connecting-full"],
    play: |t, variant| play(t, [Opening::Passive, Opening::Active][variant % 2], variant >= 2),
}

fn play(t: &mut Tester, opening: Opening, full: bool) -> Step {
    let offer = if full { Offer::full() } else { Offer::default() };
    let mut peer = t.open(opening, offer)?;
    t.delivers_both_ways(&mut peer)?;
    t.wait(RTT)
}
