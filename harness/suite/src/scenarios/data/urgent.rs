use crate::scenarios::prelude::*;

scenario! {
    "data/urgent", "Urgent pointers of every kind.",
    exercises: ["tcp/urgent-data-delivered"],
    variants: &["first", "last", "behind", "far", "beyond"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let pointer = [1, 60, 61, 5000, 65_535][variant];
    t.send(&mut peer, |one| one.data(pattern(60)).urgent(pointer));
    t.send(&mut peer, |one| one.data(pattern(60)));
    let end = peer.snd;
    let answer = t.expect(&mut peer, Duration::secs(1), "acknowledgement of data", |one| one.ack == end);
    t.require("tcp/urgent-data-delivered", answer.is_ok(), "an acknowledgement", "none");
    let (octets, _) = t.app_read(socket);
    t.require("tcp/urgent-data-delivered", (119..=120).contains(&octets.len()), "120 octets, or 119 and one out of line", octets.len());
    Ok(())
}
