use crate::scenarios::prelude::*;

scenario! {
    "retransmission/one_twice", "Each packet of a conversation comes twice, in turn.",
    exercises: ["tcp/data-delivered"],
    variants: &["out-1", "out-2", "out-3", "out-4", "out-5", "out-6", "out-7", "out-8", "out-9", "out-10", "in-1", "in-2", "in-3", "in-4", "in-5", "in-6", "in-7", "in-8", "in-9", "in-10"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let (toward, twice) = if variant < 10 { (Toward::Peer, variant + 1) } else { (Toward::Stack, variant - 9) };
    t.converse(Conversation {
        from_stack: 9_000,
        from_peer: 9_000,
        delay: Duration::millis(10),
        deal: &mut |to, nth, _| if to == toward && nth == twice as u32 { Fate::Twice } else { Fate::Arrives },
        tune: &|_| {},
    })
}
