use crate::scenarios::prelude::*;

scenario! {
    "retransmission/peer_gone", "The peer stops answering while data is outstanding.",
    exercises: ["tcp/rto-backoff", "tcp/r2-at-least-100s", "tcp/gives-up"],
    variants: &["listening", "connecting", "listening-full", "connecting-full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let long = t.given_up_by();
    t.needs_patience(long)?;
    let mut peer = t.open([Opening::Passive, Opening::Active][variant % 2], if variant < 2 { Offer::default() } else { Offer::full() })?;
    let socket = peer.app()?;
    t.app_writes(&peer, 3000)?;
    let began = t.now();
    peer.deaf = true;
    let heard = t.listen_for(&mut peer, long + Duration::hours(1))?;
    let last = heard.last().map_or(Duration::ZERO, |one| one.time - began);
    let seen = format!("{} segments, the last after {:.1} s", heard.len(), last.as_secs_f64());
    // The last retransmission comes before R2 is over: half of it allows for a timer that doubles.
    t.require("tcp/r2-at-least-100s", last >= Duration::secs(50), "retransmissions for 100 s, the last after 50 s at the earliest", &seen);
    let (_, then) = t.app_read(socket);
    let over = then.is_err() && last < long;
    t.require("tcp/gives-up", over, "an error for the application, and no more retransmissions after a day", format!("{then:?}, {seen}"));
    Ok(())
}
