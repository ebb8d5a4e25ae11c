use crate::scenarios::prelude::*;

scenario! {
    "options/window_scale", "The Tester scales its window, by all kinds of shifts.",
    exercises: ["tcp/scaled-window-used", "tcp/uses-window-scale"],
    variants: &["0", "2", "7", "14", "15"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let shift = [0, 2, 7, 14, 15][variant];
    let mut offer = Offer::full();
    offer.window_scale = Some(shift);
    // 4096 octets in each case; a shift of 15 counts as 14 (RFC 7323 section 2.3).
    let wnd = (4096u32 >> shift.min(14)).max(1) as u16;
    let mut peer = t.passive(offer)?;
    if !peer.scaled {
        return Err(Stop::Needs("window scaling"));
    }
    peer.wnd = wnd;
    t.send(&mut peer, |one| one.data(pattern(1)));
    t.wait(Duration::millis(300))?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    t.send(&mut peer, Peer::ack);
    t.app_writes(&peer, 6000)?;
    let heard = t.listen_for(&mut peer, RTT)?;
    let octets: usize = heard.iter().map(|one| one.payload.len()).sum();
    let limit = u32::from(wnd) << shift.min(14);
    let id = if shift == 15 { "tcp/shift-above-14-counts-as-14" } else { "tcp/scaled-window-used" };
    t.require(id, octets as u32 <= limit && (octets > usize::from(wnd) || shift == 0 && octets > 0), &format!("data for a window of {limit} octets"), octets);
    Ok(())
}
