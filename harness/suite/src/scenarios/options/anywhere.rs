use crate::scenarios::prelude::*;

scenario! {
    "options/anywhere", "The MSS option begins at each octet of a word, with and without an end of list.",
    exercises: ["tcp/options-anywhere", "tcp/basic-options-understood"],
    variants: &["0", "1", "2", "3", "0-end", "1-end", "2-end", "3-end"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.facing_listener(Offer::default())?;
    let mut syn = peer.syn();
    syn.options.clear();
    let (nops, end) = (variant % 4, variant >= 4);
    syn.options.extend(std::iter::repeat_n(1, nops));
    syn = syn.option(TcpOption::MaximumSegmentSize(300));
    if end {
        syn = syn.option(TcpOption::EndOfList);
    }
    peer.snd = peer.iss + 1;
    t.fling(&peer, syn);
    t.hear_syn_ack(&mut peer)?;
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.accept(&mut peer)?;
    t.app_writes(&peer, 3000)?;
    let data = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    let id = if end { "tcp/basic-options-understood" } else { "tcp/options-anywhere" };
    let len = data.payload.len();
    t.require(id, len <= 300, "segments of at most 300 octets, as announced", len);
    t.require("tcp/basic-options-understood", len <= 300, "segments of at most 300 octets, as announced", len);
    Ok(())
}
