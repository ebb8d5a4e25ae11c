use crate::scenarios::prelude::*;

scenario! {
    "opening/to_group", "The application opens a connection to a multicast or broadcast address.",
    exercises: ["tcp/open-to-group-fails"],
    variants: &["multicast", "broadcast"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    t.needs(Ability::Connect)?;
    let group = match (t.its.is_ipv4(), variant) {
        (true, 0) => "224.0.0.1",
        (true, _) => "255.255.255.255",
        (false, 0) => "ff02::1",
        (false, _) => "ff0e::1",
    };
    let Ok(address) = group.parse() else { return Ok(()) };
    let opened = t.call(format_args!("active OPEN to {group}"), |stack| stack.connect(50_001, (address, 80)));
    t.wait(Duration::secs(2))?;
    let silent = t.inbox.iter().all(|one| one.destination.0 != address);
    let seen = format!("{opened:?}, {}", if silent { "no SYN" } else { "a SYN" });
    t.require("tcp/open-to-group-fails", silent, "no SYN to a group", seen);
    Ok(())
}
