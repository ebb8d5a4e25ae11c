use crate::scenarios::prelude::*;

scenario! {
    "attack/fin_scan", "FIN, SYN and FIN, no flag, all flags: at a listener and at a closed port.",
    exercises: ["tcp/closed-refuses"],
    variants: &["fin-closed", "fin-listener", "syn-fin-closed", "syn-fin-listener", "null-closed", "null-listener", "xmas-closed", "xmas-listener"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = if variant.is_multiple_of(2) { t.stranger(9, Offer::default()) } else { t.facing_listener(Offer::default())? };
    let flags = [Flags::FIN, Flags(3), Flags(0), Flags(0x29)][variant / 2];
    let mut draft = peer.rst();
    draft.flags = flags;
    t.fling(&peer, draft);
    let heard = t.listen_for(&mut peer, Duration::millis(100))?;
    if variant.is_multiple_of(2) {
        let reset = heard.iter().any(|one| one.flags.rst());
        t.require("tcp/closed-refuses", reset, "a reset", "none");
    }
    t.passive(Offer::default()).map(drop)
}
