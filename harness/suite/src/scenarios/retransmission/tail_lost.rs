use crate::scenarios::prelude::*;

scenario! {
    "retransmission/tail_lost", "A flight is lost, its last segment as well; SACK is agreed on.",
    exercises: ["tcp/tail-loss-probed", "tcp/tail-loss-probe-not-early", "tcp/one-tail-loss-probe"],
    play: play,
}

/// No retransmission timer is shorter (RFC 6298 section 2.4).
const TIMER: Duration = Duration::secs(1);

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::secs(8))?;
    let mut peer = t.passive(Offer::full())?;
    if !peer.sack {
        return Err(Stop::Needs("SACK"));
    }
    // Round trips are measured first.
    t.gives_data(&mut peer, 10_000)?;
    let flight = t.flight(&mut peer, 3000, RTT / 4)?;
    let Some(last) = flight.last().filter(|_| flight.len() > 1) else {
        return Err(Stop::Stuck(format!("a flight of {} segments", flight.len())));
    };
    let again = t.listen_without_taking(&mut peer, Duration::secs(8))?;
    let Some(first) = again.first() else {
        return Err(Stop::Stuck("nothing was sent again".to_owned()));
    };
    let waited = first.time - last.time;
    // New data, where there is some, or the last segment (RFC 8985 section 7.3).
    let probe = first.end() >= last.end() && first.seq > peer.rcv && waited < TIMER;
    let seen = format!("octet {} of the flight after {waited}", first.seq.since(peer.rcv));
    t.require("tcp/tail-loss-probed", probe, "the last segment again, or new data, within a second", &seen);
    if probe {
        // A tick of ten milliseconds either way.
        let late = waited >= RTT * 2 - Duration::millis(10);
        t.require("tcp/tail-loss-probe-not-early", late, "two round trips of 20 ms", &seen);
        let next = again.get(1).map_or(peer.rcv, |one| one.seq);
        t.require("tcp/one-tail-loss-probe", next == peer.rcv, "the first segment", "another probe");
    }
    let arrived = t.take_slowly(&mut peer, 3000)?;
    t.delivered(&arrived, &pattern(3000));
    Ok(())
}
