use crate::scenarios::prelude::*;

scenario! {
    "data/many_segments", "Twenty full segments arrive in a row.",
    exercises: ["tcp/ack-every-second-segment"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let mss = usize::from(peer.its_mss.unwrap_or(536));
    let all = pattern(mss * 20);
    for chunk in all.chunks(mss) {
        t.send(&mut peer, |one| one.data(chunk));
        t.wait(Duration::millis(1))?;
    }
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of everything", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &all);
    Ok(())
}
