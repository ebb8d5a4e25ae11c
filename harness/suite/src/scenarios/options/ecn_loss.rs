use crate::scenarios::prelude::*;

scenario! {
    "options/ecn_loss", "ECN is agreed on; congestion is reported, then a segment is lost.",
    exercises: ["tcp/uses-ecn"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let offer = Offer {
        ecn: true,
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    t.gives_data(&mut peer, 20_000)?;
    t.app_writes(&peer, 20_000)?;
    let heard = t.listen_for(&mut peer, RTT)?;
    t.send(&mut peer, |one| one.ack().with(Flags::ECE));
    t.remark(format!("congestion reported after {} segments", heard.len()));
    // Twice more, as a receiver does until CWR comes.
    for _ in 0..2 {
        t.listen_for(&mut peer, RTT)?;
        t.send(&mut peer, |one| one.ack().with(Flags::ECE));
    }
    for _ in 0..3 {
        t.app_writes(&peer, 2000)?;
        t.take(&mut peer, 2000)?;
    }
    // Then a whole flight is lost.
    t.app_writes(&peer, 20_000)?;
    t.listen_without_taking(&mut peer, Duration::millis(900))?;
    let have = peer.rcv.since(peer.irs + 1) as u32;
    t.take_slowly(&mut peer, 66_000 - have).map(drop)
}
