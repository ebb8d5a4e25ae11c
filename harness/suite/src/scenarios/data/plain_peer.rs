use crate::scenarios::prelude::*;

scenario! {
    "data/plain_peer", "The peer offers no option at all, or has a tiny buffer.",
    exercises: ["tcp/data-delivered"],
    variants: &["no-options", "small-buffer", "small-mtu", "no-nagle"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    t.converse(Conversation {
        from_stack: 40_000,
        from_peer: 40_000,
        delay: Duration::millis(5),
        deal: &mut |_, _, _| Fate::Arrives,
        tune: &|config| match variant {
            0 => (config.timestamps, config.sack, config.window_scale) = (false, false, false),
            1 => config.receive_buffer = 2000,
            2 => config.mtu = 600.max(if config.address.is_ipv4() { 0 } else { 1280 }),
            _ => config.nagle = false,
        },
    })
}
