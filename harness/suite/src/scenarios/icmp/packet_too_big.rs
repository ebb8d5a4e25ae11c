use crate::scenarios::prelude::*;

scenario! {
    "icmp/packet_too_big", "A router says that the path carries less.",
    exercises: ["tcp/path-mtu-obeyed"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let offer = Offer {
        mss: Some(1460),
        ..Offer::default()
    };
    let mut peer = t.passive(offer)?;
    let mtu: u16 = if t.its.is_ipv4() { 600 } else { 1280 };
    t.app_writes(&peer, 20_000)?;
    let heard = t.listen_without_taking(&mut peer, RTT)?;
    let Some(large) = heard.iter().find(|one| one.payload.len() > usize::from(mtu) - 60) else {
        return Err(Stop::Stuck("no segment larger than the path's MTU".to_owned()));
    };
    if t.its.is_ipv4() && !t.forbids_fragments() {
        return Err(Stop::Needs("path MTU discovery"));
    }
    let (kind, code) = if t.its.is_ipv4() { (3, 4) } else { (2, 0) };
    t.throw_error(kind, code, mtu, large);
    // Nothing larger gets through from now on. RFC 1191 section 3: smaller packets will do, or ones without Don't Fragment; RFC
    // 8201 section 4: smaller packets, and a source may make fragments of one (RFC 8200 section 5).
    let arrived = t.take_through(&mut peer, 20_000, usize::from(mtu));
    let expected = format!("packets that a path of {mtu} octets carries");
    t.require("tcp/path-mtu-obeyed", arrived.is_ok(), &expected, "larger ones only");
    Ok(())
}
