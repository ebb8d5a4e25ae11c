use crate::scenarios::prelude::*;

scenario! {
    "data/request_and_answer", "Requests and answers take turns, fifty times.",
    exercises: ["tcp/data-delivered"],
    variants: &["listening", "connecting"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.open([Opening::Passive, Opening::Active][variant], Offer::full())?;
    for turn in 1..50 {
        t.takes_data(&mut peer, turn * 7)?;
        t.gives_data(&mut peer, turn * 5)?;
    }
    Ok(())
}
