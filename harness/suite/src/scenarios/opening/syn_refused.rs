use crate::scenarios::prelude::*;

scenario! {
    "opening/syn_refused", "The stack connects and is refused.",
    exercises: ["tcp/refusal-told"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let (mut peer, _) = t.called(Offer::default())?;
    let socket = peer.app()?;
    t.wait(RTT)?;
    t.fling(&peer, peer.rst().seq(SeqNumber(0)).ack(peer.rcv));
    let heard = t.listen_for(&mut peer, Duration::secs(4))?;
    t.require("tcp/refusal-told", heard.is_empty(), "no further SYN", format!("{} segments", heard.len()));
    let (_, then) = t.app_read(socket);
    t.require("tcp/refusal-told", then.is_err(), "an error", format!("{then:?}"));
    Ok(())
}
