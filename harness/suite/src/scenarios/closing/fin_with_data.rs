use crate::scenarios::prelude::*;

scenario! {
    "closing/fin_with_data", "The Tester's last data and its FIN come in one segment, or the FIN comes twice.",
    exercises: ["tcp/fin-acknowledged", "tcp/data-delivered"],
    variants: &["once", "twice"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    t.send(&mut peer, |one| one.data(pattern(200)).with(Flags::FIN));
    let end = peer.snd;
    t.expect(&mut peer, PROMPT, "acknowledgement of the FIN", |one| one.ack == end)?;
    if variant == 1 {
        t.wait(Duration::secs(1))?;
        t.fling(&peer, peer.data(pattern(200)).with(Flags::FIN).seq(end - 201));
        t.expect(&mut peer, PROMPT, "acknowledgement of the FIN once more", |one| one.ack == end)?;
    }
    let (octets, then) = t.app_read(socket);
    t.delivered(&octets, &pattern(200));
    t.require("tcp/end-told", then == Ok(Received::End), "the end of the stream", format!("{then:?}"));
    Ok(())
}
