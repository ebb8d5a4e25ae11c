use crate::scenarios::prelude::*;

scenario! {
    "data/reader_is_slow", "The application reads a few octets at a time, while the Tester fills every window.",
    exercises: ["tcp/receiver-avoids-silly-window"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::ReceiveBuffer)?;
    let mut peer = t.passive(Offer::default())?;
    let socket = peer.app()?;
    let mut sent = 0usize;
    for _ in 0..400 {
        while let Some(one) = t.next(&mut peer, Duration::ZERO)? {
            if one.flags.rst() {
                return Err(Stop::Stuck("the stack reset the connection".to_owned()));
            }
        }
        let room = (peer.acknowledged + peer.its_wnd).since(peer.snd).max(0) as usize;
        if room > 0 {
            let len = room.min(1000);
            let octets: Vec<u8> = (sent..sent + len).map(|at| (at % 251) as u8).collect();
            t.send(&mut peer, |one| one.data(octets));
            sent += len;
        }
        let _ = t.app_read_some(socket, 100);
        t.wait(Duration::millis(10))?;
    }
    Ok(())
}
