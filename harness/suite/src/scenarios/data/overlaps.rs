use crate::scenarios::prelude::*;

scenario! {
    "data/overlaps", "Segments overlap in every way, always with the same octets.",
    exercises: ["tcp/data-delivered"],
    variants: &["behind", "within", "in-order", "backwards", "octets", "growing"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let begin = peer.snd;
    let all = pattern(300);
    let pieces: &[(usize, usize)] = [
        &[(100, 200), (150, 250), (0, 300)][..],
        &[(100, 200), (120, 180), (0, 150), (140, 300)],
        &[(0, 100), (50, 150), (100, 300)],
        &[(200, 300), (100, 250), (0, 150)],
        &[(1, 2), (3, 4), (5, 6), (0, 300)],
        &[(0, 1), (0, 2), (0, 3), (0, 300)],
    ][variant];
    for &(from, to) in pieces {
        t.fling(&peer, peer.data(&all[from..to]).seq(begin + from as u32));
        t.wait(Duration::millis(2))?;
    }
    peer.snd = begin + 300;
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of everything", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &all);
    Ok(())
}
