use crate::scenarios::prelude::*;

scenario! {
    "congestion/after_timeout", "A whole flight is lost.",
    exercises: ["tcp/one-segment-after-timeout"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs_patience(Duration::secs(5))?;
    let mut peer = t.passive(Offer::default())?;
    t.gives_data(&mut peer, 30_000)?;
    t.app_writes(&peer, 20_000)?;
    // So are the first two retransmissions, which come at the stack's own time.
    let begin = peer.rcv;
    let mut sent = 0;
    while sent < 3 {
        let before = peer.clone();
        let Some(segment) = t.next(&mut peer, Duration::minutes(1))? else {
            return Err(Stop::Stuck(format!("{sent} transmissions of the first octet within a minute")));
        };
        peer = before;
        sent += usize::from(segment.seq == begin);
    }
    t.inbox.clear();
    let arrived = t.take_slowly(&mut peer, 20_000)?;
    t.delivered(&arrived, &pattern(20_000));
    Ok(())
}
