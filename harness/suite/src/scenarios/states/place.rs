//! Bringing a stack into a state, and telling whether it is still there.

use crate::scenarios::prelude::*;

/// States with a name for variants, in the RFC's order.
pub const SYNCHRONIZED: &[&str] = &[
    "established",
    "fin-wait-1",
    "fin-wait-2",
    "close-wait",
    "closing",
    "last-ack",
    "time-wait",
];
/// Those and SYN-RECEIVED.
pub const WITH_NUMBERS: &[&str] = &[
    "syn-received",
    "established",
    "fin-wait-1",
    "fin-wait-2",
    "close-wait",
    "closing",
    "last-ack",
    "time-wait",
];
/// Every one.
pub const ALL: &[&str] = &[
    "closed",
    "listen",
    "syn-sent",
    "syn-received",
    "established",
    "fin-wait-1",
    "fin-wait-2",
    "close-wait",
    "closing",
    "last-ack",
    "time-wait",
];

/// The state of that name.
pub fn named(name: &str) -> State {
    State::ALL
        .iter()
        .copied()
        .find(|state| state.name() == name)
        .unwrap_or(State::Closed)
}

/// A stack in that state, and the Tester's end. In SYN-RECEIVED and LISTEN no application has the connection.
pub fn place(t: &mut Tester, state: State, offer: Offer) -> Step<Peer> {
    match state {
        State::Closed => return Ok(t.stranger(9, offer)),
        State::Listen => return t.facing_listener(offer),
        State::SynSent => return t.called(offer).map(|(peer, _)| peer),
        State::SynReceived => return t.greeted(offer),
        _ => {}
    }
    if t.services().is_some() && state != State::Established {
        return Err(Stop::Needs("calls to the stack's application"));
    }
    let mut peer = t.passive(offer)?;
    // The numbers move away from the handshake's.
    t.takes_data(&mut peer, 100)?;
    match state {
        State::FinWait1 => its_fin(t, &mut peer)?,
        State::FinWait2 => {
            its_fin(t, &mut peer)?;
            t.wait(RTT)?;
            t.send(&mut peer, Peer::ack);
        }
        State::CloseWait => our_fin(t, &mut peer)?,
        State::Closing => {
            its_fin(t, &mut peer)?;
            // Its FIN is not acknowledged: ours crosses it.
            let before = peer.rcv - 1;
            t.send(&mut peer, |one| one.fin().ack(before));
            t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", Segment::acknowledges)?;
        }
        State::LastAck => {
            our_fin(t, &mut peer)?;
            its_fin(t, &mut peer)?;
        }
        State::TimeWait => {
            its_fin(t, &mut peer)?;
            t.wait(RTT)?;
            our_fin(t, &mut peer)?;
        }
        _ => {}
    }
    if matches!(state, State::FinWait1 | State::Closing | State::LastAck) {
        // As if its FIN had been lost: nothing that the Tester sends acknowledges it.
        peer.rcv = peer.rcv - 1;
        peer.deaf = true;
    }
    t.wait(RTT)?;
    t.remark(format!("the stack is in {}", state.name()));
    if let (Some(socket), true) = (peer.socket, t.can(Ability::Status)) {
        peer.placed = t.app_state(socket);
    }
    Ok(peer)
}

fn its_fin(t: &mut Tester, peer: &mut Peer) -> Step {
    // Without a half-close there are still the states; the application just does not read any more.
    t.its_close(peer).map(drop)
}

fn our_fin(t: &mut Tester, peer: &mut Peer) -> Step {
    t.send(peer, Peer::fin);
    let end = peer.snd;
    t.expect(peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)
        .map(drop)
}

/// What the stack answers now, at once.
pub fn answers(t: &mut Tester, peer: &mut Peer) -> Step<Vec<Segment>> {
    let time = if t.is_virtual() {
        Duration::millis(5)
    } else {
        Duration::millis(150)
    };
    t.listen_for(peer, time)
}

/// Judges under `id` that the connection is still in `state`: the stack says so, and answers a probe below the window.
pub fn still(t: &mut Tester, peer: &mut Peer, state: State, id: &'static str) -> Step {
    if let (Some(socket), true) = (peer.socket, t.can(Ability::Status))
        && let Some(seen) = t.app_state(socket)
    {
        // Stacks name what they do in their own ways, so only the end of the connection counts.
        let before = peer.placed.unwrap_or(state);
        let lost = seen == State::Closed && before != State::Closed;
        let expected = format!("{} as before", before.name());
        t.require(id, !lost, &expected, seen.name());
    }
    if matches!(
        state,
        State::Closed | State::Listen | State::SynSent | State::SynReceived
    ) {
        return Ok(());
    }
    // Stacks limit how often they answer what is out of place (RFC 5961 section 7).
    t.wait(if t.is_virtual() {
        Duration::millis(1100)
    } else {
        Duration::millis(600)
    })?;
    while t.next(peer, Duration::ZERO)?.is_some() {}
    let probe = peer.ack().seq(peer.snd - 1);
    t.fling(peer, probe);
    let answers = answers(t, peer)?;
    let reset = answers.iter().any(|one| one.flags.rst());
    let answered = answers.iter().any(Segment::acknowledges);
    // RFC 9293 section 3.10.7.1: a reset is what a connection that does not exist answers. Silence does not tell what the
    // scenario did, only that the probe is not answered as section 3.10.7.4, first, asks.
    if reset || answered {
        t.require(id, !reset, "a connection that is still there", told(&answers));
    }
    if !reset {
        let expected = "an acknowledgement of an empty segment below the window";
        t.require("tcp/unacceptable-answered", answered, expected, told(&answers));
    }
    Ok(())
}

/// Whether every answer acknowledges exactly what the stack has, and there is one at least.
pub fn acknowledged(answers: &[Segment], peer: &Peer) -> bool {
    answers.iter().any(Segment::acknowledges) && answers.iter().all(|one| !one.flags.rst() && one.ack == peer.snd)
}

/// Whether nothing was said but what a timer would have said anyway.
pub fn silent(answers: &[Segment]) -> bool {
    answers.iter().all(|one| one.len() > 0 && !one.flags.rst())
}

/// Answers, for a report.
pub fn told(answers: &[Segment]) -> String {
    match answers {
        [] => "silence".to_owned(),
        some => some
            .iter()
            .map(|one| format!("{} seq {} ack {}", one.flags, one.seq, one.ack))
            .collect::<Vec<_>>()
            .join("; "),
    }
}
