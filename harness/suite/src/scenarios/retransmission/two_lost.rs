use crate::scenarios::prelude::*;

scenario! {
    "retransmission/two_lost", "Two packets of a conversation in a row are lost.",
    exercises: ["tcp/data-delivered"],
    variants: &["out-1", "out-2", "out-3", "out-4", "out-5", "out-6", "out-7", "out-8", "out-9", "out-10", "in-1", "in-2", "in-3", "in-4", "in-5", "in-6", "in-7", "in-8", "in-9", "in-10"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let (toward, lost) = if variant < 10 { (Toward::Peer, variant + 1) } else { (Toward::Stack, variant - 9) };
    t.converse(Conversation {
        from_stack: 12_000,
        from_peer: 8_000,
        delay: Duration::millis(10),
        deal: &mut |to, nth, _| {
            let hit = nth == lost as u32 || nth == lost as u32 + 1;
            if to == toward && hit { Fate::Lost } else { Fate::Arrives }
        },
        tune: &|config| config.sack = variant.is_multiple_of(2),
    })
}
