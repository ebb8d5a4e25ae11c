use crate::scenarios::prelude::*;

scenario! {
    "flow_control/large_window", "Windows above 32767 octets, without scaling.",
    exercises: ["tcp/unscaled-window-unsigned"],
    variants: &["32767", "32768", "40000", "65535"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let offer = Offer {
        wnd: [32_767, 32_768, 40_000, 65_535][variant],
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    let arrived = t.pull(&mut peer, 30_000);
    t.require("tcp/unscaled-window-unsigned", arrived.is_ok(), "a transfer", "none");
    arrived.map(drop)
}
