use crate::scenarios::prelude::*;

scenario! {
    "retransmission/slow_recovery", "One segment is lost; SACK blocks tell of the others one by one, for longer than a round trip.",
    exercises: ["tcp/sacked-data-not-resent"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::full())?;
    if !peer.sack {
        return Err(Stop::Needs("SACK"));
    }
    t.gives_data(&mut peer, 30_000)?;
    let heard = t.flight(&mut peer, 12_000, RTT)?;
    let (Some(first), Some(last)) = (heard.first(), heard.last()) else {
        return Err(Stop::Stuck("no data came".to_owned()));
    };
    // Two holes: the first segment and the third.
    let third = heard.get(2).map_or(last.seq, |one| one.seq);
    for one in heard.iter().filter(|one| one.seq != first.seq && one.seq != third) {
        let low = (first.end(), third);
        let blocks = if one.seq < third { vec![low] } else { vec![(third + first.len(), one.end()), low] };
        t.send(&mut peer, |peer| peer.ack().sack(&blocks));
        t.wait(Duration::millis(30))?;
    }
    let end = last.end();
    t.listen_for(&mut peer, RTT)?;
    peer.rcv = peer.rcv.max(end);
    t.send(&mut peer, Peer::ack);
    let have = peer.rcv.since(peer.irs + 1) as u32;
    if have < 42_000 {
        t.take(&mut peer, 42_000 - have)?;
    }
    Ok(())
}
