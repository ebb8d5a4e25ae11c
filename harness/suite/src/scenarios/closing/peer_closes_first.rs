use crate::scenarios::prelude::*;

scenario! {
    "closing/peer_closes_first", "The Tester closes, the application follows.",
    exercises: ["tcp/fin-acknowledged", "tcp/end-told", "tcp/close-completes"],
    variants: &["listening", "connecting"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.open([Opening::Passive, Opening::Active][variant], Offer::default())?;
    let socket = peer.app()?;
    t.delivers_both_ways(&mut peer)?;
    t.send(&mut peer, Peer::fin);
    let end = peer.snd;
    let answer = t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end);
    t.require("tcp/fin-acknowledged", answer.is_ok(), "an acknowledgement of the FIN", "none");
    answer?;
    let (_, then) = t.app_read(socket);
    t.require("tcp/end-told", then == Ok(Received::End), "the end of the stream", format!("{then:?}"));
    t.its_close(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    let heard = t.listen_for(&mut peer, Duration::secs(5))?;
    t.require("tcp/close-completes", heard.is_empty(), "silence", format!("{} segments", heard.len()));
    Ok(())
}
