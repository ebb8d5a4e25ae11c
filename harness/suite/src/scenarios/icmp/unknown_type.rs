use crate::scenarios::prelude::*;

scenario! {
    "icmp/unknown_type", "An ICMP message of a type that nobody knows.",
    exercises: ["icmp/unknown-type-discarded"],
    play: play,
}

fn play(t: &mut Tester) -> Step {
    if !t.its.is_ipv4() {
        return Err(Stop::Needs("IPv4"));
    }
    t.throw_icmp(&[200, 0, 0, 0, 1, 2, 3, 4]);
    t.wait(PROMPT)?;
    t.require("icmp/unknown-type-discarded", t.others.is_empty(), "silence", "an answer");
    Ok(())
}
