use crate::scenarios::prelude::*;

scenario! {
    "data/any_order", "Four segments arrive in each of their 24 orders.",
    exercises: ["tcp/data-delivered", "tcp/out-of-order-acked-at-once", "tcp/above-sequence-data-kept"],
    variants: &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21", "22", "23"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let begin = peer.snd;
    let all = pattern(400);
    let mut left = vec![0usize, 1, 2, 3];
    let mut rank = variant;
    for base in [6, 2, 1, 1] {
        let at = left.remove(rank / base);
        rank %= base;
        t.fling(&peer, peer.data(&all[at * 100..at * 100 + 100]).seq(begin + at as u32 * 100));
        t.wait(Duration::millis(2))?;
    }
    peer.snd = begin + 400;
    let end = peer.snd;
    t.expect(&mut peer, Duration::secs(1), "acknowledgement of everything", |one| one.ack == end)?;
    let (octets, _) = t.app_read(socket);
    t.delivered(&octets, &all);
    Ok(())
}
