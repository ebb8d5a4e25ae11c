use crate::scenarios::prelude::*;

scenario! {
    "retransmission/one_lost", "Each packet of a conversation is lost in turn.",
    exercises: ["tcp/data-delivered"],
    variants: &["out-1", "out-2", "out-3", "out-4", "out-5", "out-6", "out-7", "out-8", "out-9", "out-10", "out-11", "out-12", "out-13", "out-14", "out-15", "out-16", "in-1", "in-2", "in-3", "in-4", "in-5", "in-6", "in-7", "in-8", "in-9", "in-10", "in-11", "in-12", "in-13", "in-14", "in-15", "in-16"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let (toward, lost) = if variant < 16 { (Toward::Peer, variant + 1) } else { (Toward::Stack, variant - 15) };
    t.converse(Conversation {
        from_stack: 12_000,
        from_peer: 8_000,
        delay: Duration::millis(10),
        deal: &mut |to, nth, _| if to == toward && nth == lost as u32 { Fate::Lost } else { Fate::Arrives },
        tune: &|_| {},
    })
}
