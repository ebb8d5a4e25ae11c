use crate::scenarios::prelude::*;

scenario! {
    "options/ecn_marks", "ECN is offered; data arrives marked.",
    exercises: ["tcp/uses-ecn"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let offer = Offer {
        ecn: true,
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    t.send(&mut peer, |one| one.data(pattern(100)).congestion_experienced());
    t.wait(Duration::secs(1))?;
    t.send(&mut peer, |one| one.data(pattern(100)).with(Flags::CWR));
    t.wait(Duration::secs(1))?;
    t.app_writes(&peer, 3000)?;
    t.wait(RTT)?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    t.send(&mut peer, |one| one.ack().with(Flags::ECE));
    t.app_writes(&peer, 3000)?;
    t.wait(RTT)
}
