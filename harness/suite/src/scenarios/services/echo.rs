use crate::scenarios::prelude::*;

scenario! {
    "services/echo", "An application sends back what it gets.",
    exercises: ["tcp/data-delivered"],
    variants: &["plain", "full"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let mut peer = t.echoing(if variant == 0 { Offer::default() } else { Offer::full() })?;
    for octets in [1, 300, 900] {
        t.calls_out(&mut peer, octets)?;
        let back = t.take(&mut peer, octets as u32)?;
        t.delivered(&back, &pattern(octets));
    }
    Ok(())
}
