use crate::scenarios::prelude::*;

scenario! {
    "data/window_filled", "Data fills the receive window exactly, and the application does not read.",
    exercises: ["tcp/window-reopens", "tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::ReceiveBuffer)?;
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let begin = peer.snd;
    let window = peer.its_wnd as usize;
    let all = pattern(window);
    for chunk in all.chunks(1000) {
        t.send(&mut peer, |one| one.data(chunk));
        t.wait(Duration::millis(1))?;
        while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    }
    t.wait(Duration::millis(500))?;
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    let acknowledged = peer.acknowledged.since(begin);
    if acknowledged as usize != window {
        return Err(Stop::Stuck(format!("{acknowledged} of {window} octets were acknowledged")));
    }
    // One more octet does not fit; it is a window probe.
    for _ in 0..4 {
        t.fling(&peer, peer.data(pattern(1)));
        t.wait(Duration::secs(4))?;
    }
    while t.next(&mut peer, Duration::ZERO)?.is_some() {}
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets[..octets.len().min(window)], &all);
    let heard = t.listen_for(&mut peer, Duration::millis(500))?;
    let opened = heard.iter().any(|one| one.wnd > 0);
    t.require("tcp/window-reopens", opened, "an acknowledgement with a window", "none");
    Ok(())
}
