use crate::peer::{Offer, Peer, RTT};
use crate::scenario::{Step, scenario};
use crate::tester::Tester;
use wire::Duration;

scenario! {
    "closing/stack_closes_first", "The application closes, the Tester follows; TIME-WAIT is waited out.",
    exercises: ["tcp/time-wait", "tcp/fin-acknowledged", "tcp/close-completes"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    t.its_close(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::fin);
    t.expect(&mut peer, Duration::millis(400), "acknowledgement of the FIN", |one| one.is_pure_ack())?;
    // Somebody else's SYN must not get in before 2MSL have passed.
    t.remark("TIME-WAIT");
    t.wait(Duration::secs(50))
}
