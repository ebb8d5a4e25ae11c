use crate::scenarios::prelude::*;

scenario! {
    "closing/stack_closes_first", "The application closes, the Tester follows; its FIN comes again while TIME-WAIT should last.",
    exercises: ["tcp/time-wait", "tcp/fin-acknowledged", "tcp/close-completes"],
    variants: &["1s", "9s", "20s", "50s", "100s", "200s", "239s"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let seconds = [1, 9, 20, 50, 100, 200, 239][variant];
    t.needs_patience(Duration::secs(seconds))?;
    let mut peer = t.passive(Offer::default())?;
    t.delivers_both_ways(&mut peer)?;
    t.its_close(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    t.require("tcp/close-completes", true, "both closed", "both");
    t.wait(Duration::secs(seconds))?;
    // RFC 9293 section 3.10.7.4, eighth: in TIME-WAIT a FIN that comes again is acknowledged.
    t.fling(&peer, peer.fin().seq(end - 1));
    let answer = t.next(&mut peer, PROMPT)?;
    let kept = answer.as_ref().is_some_and(|one| one.is_pure_ack() && one.ack == end);
    let seen = match &answer {
        Some(one) => format!("{} after {seconds} s", one.flags),
        None => format!("silence after {seconds} s"),
    };
    t.require("tcp/time-wait-lasts", kept, "an acknowledgement, for four minutes", seen);
    Ok(())
}
