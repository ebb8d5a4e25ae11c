use crate::scenarios::prelude::*;

scenario! {
    "retransmission/user_timeout", "The application, or the peer, sets how long data may stay unacknowledged; then the peer falls silent.",
    exercises: ["tcp/user-timeout-kept", "tcp/user-timeout-told", "tcp/user-timeout-not-overridden", "tcp/user-timeout-adapted"],
    variants: &["own", "own-and-peers", "peers"],
    play: play,
}

/// What each variant sets, what the peer suggests, and when the connection must still be there, or must be over. Timers that
/// double overrun by a minute (RFC 6298 section 2.5), or by the timeout itself.
const CASES: [(Option<i64>, u16, i64, i64); 3] = [(Some(400), 0, 350, 1000), (Some(150), 7200, 100, 600), (None, 600, 500, 2000)];

fn play(t: &mut Tester, variant: usize) -> Step {
    let (own, suggested, alive, over) = CASES[variant];
    t.needs(Ability::UserTimeout)?;
    t.needs_patience(Duration::secs(over))?;
    let mut peer = t.passive(Offer::full())?;
    let socket = peer.app()?;
    let own = own.map(Duration::secs);
    t.app_set(&peer, Setting::UserTimeout(own))?;
    t.app_writes(&peer, 100)?;
    let data = t.expect(&mut peer, PROMPT, "data", |one| !one.payload.is_empty())?;
    if own.is_some() {
        let seen = format!("{:?}", data.user_timeout);
        t.require("tcp/user-timeout-told", data.user_timeout == own, "the option, with the timeout", seen);
    }
    let option = TcpOption::UserTimeout { minutes: false, timeout: suggested };
    t.send(&mut peer, |one| if suggested > 0 { one.ack().option(option) } else { one.ack() });
    t.wait(RTT)?;
    t.app_writes(&peer, 100)?;
    peer.deaf = true;
    t.listen_for(&mut peer, Duration::secs(alive))?;
    let lives = t.app_read(socket).1.is_ok();
    t.listen_for(&mut peer, Duration::secs(over - alive))?;
    let ended = t.app_read(socket).1.is_err();
    let id = ["tcp/user-timeout-kept", "tcp/user-timeout-not-overridden", "tcp/user-timeout-adapted"][variant];
    let seen = match (lives, ended) {
        (false, _) => format!("over within {alive} s"),
        (_, false) => format!("open after {over} s"),
        _ => "that".to_owned(),
    };
    t.require(id, lives && ended, &format!("a connection open after {alive} s and over after {over} s"), seen);
    Ok(())
}
