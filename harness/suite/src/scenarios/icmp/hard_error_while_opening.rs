use crate::scenarios::prelude::*;

scenario! {
    "icmp/hard_error_while_opening", "A SYN is answered by Port Unreachable, or Protocol Unreachable.",
    exercises: ["tcp/hard-error-ends-opening"],
    variants: &["port", "protocol"],
    play: play,
}

fn play(t: &mut Tester, variant: usize) -> Step {
    t.needs_patience(Duration::minutes(1))?;
    let (mut peer, syn) = t.called(Offer::default())?;
    let socket = peer.app()?;
    let (kind, code) = if t.its.is_ipv4() { [(3, 3), (3, 2)][variant] } else { [(1, 4), (1, 1)][variant] };
    t.throw_error(kind, code, 0, &syn);
    let heard = t.listen_for(&mut peer, Duration::minutes(1))?;
    let (_, then) = t.app_read(socket);
    let seen = format!("{} more SYNs, {then:?}", heard.len());
    t.require("tcp/hard-error-ends-opening", then.is_err() && heard.is_empty(), "an error at once", seen);
    Ok(())
}
