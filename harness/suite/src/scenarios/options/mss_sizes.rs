use crate::scenarios::prelude::*;

scenario! {
    "options/mss_sizes", "The Tester announces MSSs of all sizes; the application writes much.",
    exercises: ["tcp/effective-send-mss", "tcp/full-sized-segments"],
    variants: &["48", "256", "536", "1200", "1400", "65535"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mss = [48, 256, 536, 1200, 1400, 65_535][variant];
    let offer = Offer {
        mss: Some(mss),
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    t.app_writes(&peer, 8000)?;
    let first = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    // RFC 9293 section 3.9.1.2: nothing keeps the first segment of a large write small.
    let its_own = if t.its.is_ipv4() { 1460 } else { 1440 };
    let full = usize::from(mss.min(its_own)).min(1500);
    let len = first.payload.len();
    let kept = len * 10 >= full * 9 || peer.timestamps;
    t.require("tcp/full-sized-segments", kept, &format!("about {full} octets"), len);
    t.wait(RTT)?;
    t.send(&mut peer, Peer::ack);
    t.take(&mut peer, 8000 - len as u32).map(drop)
}
