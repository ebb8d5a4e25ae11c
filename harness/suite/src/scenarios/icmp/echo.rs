use crate::scenarios::prelude::*;

scenario! {
    "icmp/echo", "Echo requests of all sizes.",
    exercises: ["icmp/echo-answered", "icmpv6/echo-answered"],
    variants: &["0", "1", "56", "1000"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    let octets = [0, 1, 56, 1000][variant];
    let data = pattern(octets);
    let request = t.echo_request(&data);
    for _ in 0..4 {
        t.throw_icmp(&request);
    }
    t.wait(PROMPT)?;
    let (v4, replies) = (t.its.is_ipv4(), t.echo_replies());
    let id = if v4 { "icmp/echo-answered" } else { "icmpv6/echo-answered" };
    let kept = replies.iter().any(|reply| reply == &data);
    t.require(id, kept, "a reply with the same data", format!("{} replies", replies.len()));
    Ok(())
}
