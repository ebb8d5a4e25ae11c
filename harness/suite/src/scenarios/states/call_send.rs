use super::place::{SYNCHRONIZED, named, place};
use crate::scenarios::prelude::*;

scenario! {
    "states/call_send", "The application writes.",
    exercises: [],
    variants: SYNCHRONIZED,
    play: |t, variant| play(t, named(SYNCHRONIZED[variant])),
}

fn play(t: &mut Tester, state: State) -> Step {
    let mut peer = place(t, state, Offer::default())?;
    let socket = peer.app()?;
    let sent = t.app_send(socket, &pattern(50));
    if matches!(state, State::Established | State::CloseWait) {
        let taken = sent.unwrap_or(0);
        if taken != 50 {
            return Err(Stop::Stuck(format!("SEND took {taken} of 50 octets")));
        }
        let arrived = t.take(&mut peer, 50)?;
        t.delivered(&arrived, &pattern(50));
    }
    // Elsewhere the call fails; were the octets sent behind the FIN, a check would tell.
    t.wait(Duration::secs(1))
}
