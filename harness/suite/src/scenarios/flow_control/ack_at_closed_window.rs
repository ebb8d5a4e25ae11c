use crate::scenarios::prelude::*;

scenario! {
    "flow_control/ack_at_closed_window", "While the stack's window is closed its own data is acknowledged.",
    exercises: ["tcp/data-delivered"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    t.needs(Ability::ReceiveBuffer)?;
    let mut peer = t.passive(Offer::default())?;
    t.fill_window(&mut peer)?;
    t.gives_data(&mut peer, 5000)
}
