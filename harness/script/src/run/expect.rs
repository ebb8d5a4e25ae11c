//! Outbound packets: waiting for them, and comparing them.

use crate::run::flow::Flow;
use crate::run::neutral::{self, Verdict};
use crate::run::outcome::{Step, Stop};
use crate::run::player::Player;
use crate::run::sniff::{Message, Sniffed};
use crate::run::{icmp, strict};
use crate::syntax::ast::*;
use wire::Instant;

/// Beyond the time that a script gives, how long to look whether the packet comes at all, in microseconds.
const OVERTIME: i64 = 2_000_000;
/// The same in neutral matching, where timers may be those of another stack: RFC 6298's first timeout is 1 s, and a delayed
/// acknowledgement may take 0.5 s.
const GENEROUS: i64 = 4_000_000;
/// A stack that may send, sends at once; on a clock that is not ours that takes a moment.
const AT_ONCE: i64 = 50_000;

/// Waits for what the script says the stack sends from `from` to `to`.
pub fn outbound(player: &mut Player<'_>, packet: &Packet, time: Time, from: i64, to: i64) -> Step {
    if !packet.outer.is_empty() || packet.psp.is_some() || packet.in_udp.is_some() {
        return Err(Stop::Needs("packets inside packets".to_owned()));
    }
    let tolerance = tolerance(player, from);
    let overtime = if player.is_strict() {
        OVERTIME
    } else {
        GENEROUS + 3 * (from - player.last)
    };
    let limit = match time {
        Time::Any => player.live(to),
        _ => player.live(to + tolerance + overtime),
    };
    let when = match &packet.body {
        Body::Tcp(_) if player.is_strict() => exact(player, packet, limit)?,
        Body::Tcp(tcp) => generous(player, packet, tcp, to, limit)?,
        _ => Some(other(player, packet, limit)?),
    };
    let Some(when) = when else {
        player.last = from;
        return Ok(());
    };
    let seen = player.script_time(when);
    if time == Time::Any {
        player.last = seen.max(player.last);
        return Ok(());
    }
    player.last = from;
    in_time(player, packet, (from, to), seen, tolerance)
}

fn tolerance(player: &Player<'_>, at: i64) -> i64 {
    let share = ((at - player.last) as f64 * player.config.tolerance_percent / 100.0) as i64;
    player.config.tolerance.max(share)
}

fn in_time(player: &mut Player<'_>, packet: &Packet, (from, to): (i64, i64), seen: i64, tolerance: i64) -> Step {
    let s = |time: i64| time as f64 / 1e6;
    if (from - tolerance..=to + tolerance).contains(&seen) {
        return Ok(());
    }
    if !player.is_strict() {
        let (word, gap) = if seen > to {
            ("later", seen - to)
        } else {
            ("earlier", from - seen)
        };
        player.relax(format!("{packet} came {:.3} s {word} than in the script", s(gap)));
        if seen > to {
            player.delay(seen - to);
        }
        return Ok(());
    }
    let expected = if from == to {
        format!("{:.6} s", s(from))
    } else {
        format!("{:.6} s to {:.6} s", s(from), s(to))
    };
    Err(Stop::failed(
        format!("{packet} at {expected}"),
        format!("it came at {:.6} s", s(seen)),
        format!("the time; tolerance {:.6} s", s(tolerance)),
    ))
}

/// The next packet of the stack that may be meant; none until `limit`.
fn next(player: &mut Player<'_>, packet: &Packet, limit: Instant) -> Step<Option<Sniffed>> {
    let opens = matches!(&packet.body, Body::Tcp(tcp) if tcp.flags.bits.syn() && !tcp.flags.bits.ack());
    loop {
        player.absorb();
        let flow = player.flow_with_ports(packet).map(|at| player.flows[at].clone());
        let is_syn =
            |sniffed: &Sniffed| matches!(sniffed.message, Message::Tcp { flags, .. } if flags.syn() && !flags.ack());
        // A new attempt comes before the repetition of an older one, which the script may not care for.
        let is_new = |sniffed: &Sniffed| is_syn(sniffed) && !sniffed.is_repeated;
        let attempt = opens.then(|| player.queue.iter().position(is_new)).flatten();
        // What an older connection had left to say is not what is waited for, until nothing else comes.
        let late = player.tester.now() >= limit;
        let found = attempt.or_else(|| {
            player
                .queue
                .iter()
                .position(|sniffed| match (&sniffed.message, &packet.body) {
                    (Message::Tcp { .. }, Body::Tcp(_)) if opens && is_syn(sniffed) => true,
                    (Message::Tcp { .. }, Body::Tcp(_)) => {
                        (!opens || late) && flow.as_ref().is_some_and(|flow| sniffed.is_of(flow))
                    }
                    (Message::Udp { .. }, Body::Udp { .. }) | (Message::Icmp { .. }, Body::Icmp(_)) => true,
                    _ => false,
                })
        });
        if let Some(at) = found {
            return Ok(player.queue.remove(at));
        }
        if late {
            return Ok(None);
        }
        player.advance(limit, true)?;
        super::calls::poll(player)?;
    }
}

/// The packet's connection is the present one from now on; its first sequence number is known.
fn adopt(player: &mut Player<'_>, sniffed: &Sniffed, tcp: &Tcp) {
    let Message::Tcp { seq, flags, .. } = sniffed.message else {
        return;
    };
    if let Some(at) = player.flows.iter().rposition(|flow| sniffed.is_of(flow)) {
        player.current = at;
    }
    let flow = player.flow_mut();
    if flags.syn() && tcp.flags.bits.syn() && tcp.seq.kind == SeqKind::Relative {
        // What follows it counts from it, whatever number the script gives it.
        (flow.its_offset, flow.its_syn) = (seq, tcp.seq.start);
    }
    let stamp = |options: &Options| match options {
        Options::List(list) => list.iter().find_map(|option| match option {
            TcpOption::Timestamps { value, .. } => *value,
            _ => None,
        }),
        _ => None,
    };
    if let Message::Tcp { raw_options, .. } = &sniffed.message
        && let Some((live, _)) = wire::tcp::Options::parse(raw_options).timestamps
        && let Some(script) = stamp(&tcp.options)
    {
        flow.note_stamp(script, live);
    }
}

fn absent(packet: &Packet, limit: Instant, player: &Player<'_>, passed_over: Option<String>) -> Stop {
    let until = player.script_time(limit) as f64 / 1e6;
    let but = passed_over.map_or(String::new(), |seen| format!(" but {seen}"));
    Stop::failed(
        packet.to_string(),
        format!("nothing until {until:.6} s{but}"),
        "the packet did not come",
    )
}

/// As the original: field by field; data may come in several segments unless the script forbids it.
fn exact(player: &mut Player<'_>, packet: &Packet, limit: Instant) -> Step<Option<Instant>> {
    let Body::Tcp(tcp) = &packet.body else { return Ok(None) };
    let mut so_far = 0;
    loop {
        let sniffed = next(player, packet, limit)?.ok_or_else(|| absent(packet, limit, player, None))?;
        adopt(player, &sniffed, tcp);
        let Some(flow) = player.flow() else { return Ok(None) };
        let seen = sniffed.in_script(flow);
        let Body::Tcp(seen_tcp) = &seen.body else {
            return Ok(None);
        };
        let part = so_far + u32::from(seen_tcp.seq.len) < u32::from(tcp.seq.len) && !player.config.strict_segments;
        if let Some(differs) = strict::differs(packet, tcp, &sniffed, seen_tcp, so_far, part) {
            return Err(Stop::failed(packet.to_string(), seen.to_string(), differs));
        }
        if !part || seen_tcp.seq.len == 0 {
            return Ok(Some(sniffed.time));
        }
        so_far += u32::from(seen_tcp.seq.len);
    }
}

/// As far as RFCs make it so. None: the stack still holds it back.
fn generous(player: &mut Player<'_>, packet: &Packet, tcp: &Tcp, to: i64, limit: Instant) -> Step<Option<Instant>> {
    let mut left = tcp.clone();
    let mut first = None;
    let mut passed_over = None;
    loop {
        let Some(sniffed) = next_or_held(player, packet, &left, to, limit)? else {
            return if may_be_held(player, &left) {
                let fin = u32::from(left.flags.bits.fin());
                player.owed.push_back((left.seq.start, u32::from(left.seq.len) + fin));
                player.relax("the stack held data back that the script saw at once");
                Ok(None)
            } else {
                Err(absent(packet, limit, player, passed_over))
            };
        };
        adopt(player, &sniffed, tcp);
        let Some(flow) = player.flow().cloned() else {
            return Ok(None);
        };
        let time = *first.get_or_insert(sniffed.time);
        match neutral::compare(packet, &left, &sniffed, &flow) {
            Verdict::Match(relaxed) => {
                relaxed.into_iter().for_each(|why| player.relax(why));
                return Ok(Some(time));
            }
            Verdict::Part(rest, why) => {
                player.relax(why);
                left = rest;
            }
            Verdict::Skip(why) => {
                player.relax(why);
                passed_over = Some(sniffed.in_script(&flow).to_string());
                first = first.filter(|_| left != *tcp);
            }
            Verdict::Covers(rest, why) => {
                player.relax(why);
                player.queue.push_front(neutral::behind(sniffed, rest));
                return Ok(Some(time));
            }
            Verdict::Differs(_) if was_owed(player, &sniffed, &flow) => {
                player.relax("what the stack had held back came later");
                first = first.filter(|_| left != *tcp);
            }
            Verdict::Differs(differs) => {
                let seen = sniffed.in_script(&flow).to_string();
                return Err(Stop::failed(packet.to_string(), seen, differs));
            }
        }
    }
}

/// The next packet; what may be held back is not waited for.
fn next_or_held(
    player: &mut Player<'_>,
    packet: &Packet,
    left: &Tcp,
    to: i64,
    limit: Instant,
) -> Step<Option<Sniffed>> {
    if !may_be_held(player, left) {
        return next(player, packet, limit);
    }
    let moment = if player.tester.is_virtual() { 0 } else { AT_ONCE };
    let soon = player.live(to + moment).max(player.tester.now());
    next(player, packet, soon)
}

/// It is what the stack would send next, and it may wait with it.
fn may_be_held(player: &Player<'_>, left: &Tcp) -> bool {
    let held_until = player.owed.back().map(|(start, len)| start.wrapping_add(*len));
    let written = player.sockets.written();
    player.flow().is_some_and(|flow| {
        let is_next = left.seq.start == flow.sent || held_until == Some(left.seq.start);
        is_next && neutral::may_be_held(flow, left, written)
    })
}

/// It is data, or a FIN, that an event before this one has asked for.
fn was_owed(player: &Player<'_>, sniffed: &Sniffed, flow: &Flow) -> bool {
    let Body::Tcp(seen) = sniffed.in_script(flow).body else {
        return false;
    };
    let brings = seen.seq.len > 0 || seen.flags.bits.fin();
    let is_in = |(start, len): &(u32, u32)| seen.seq.start.wrapping_sub(*start) < *len;
    brings && player.repaid.iter().any(is_in)
}

/// Data that was owed has come.
pub fn settle(player: &mut Player<'_>) {
    let Some(sent) = player.flow().map(|flow| flow.sent) else {
        return;
    };
    let is_sent = |(start, len): &(u32, u32)| start.wrapping_add(*len).wrapping_sub(sent) as i32 <= 0;
    player.repaid.extend(player.owed.iter().filter(|one| is_sent(one)));
    player.owed.retain(|one| !is_sent(one));
}

/// UDP by its length, ICMP by type and code.
fn other(player: &mut Player<'_>, packet: &Packet, limit: Instant) -> Step<Instant> {
    let sniffed = next(player, packet, limit)?.ok_or_else(|| absent(packet, limit, player, None))?;
    let seen = sniffed.in_script(&player.flow().cloned().unwrap_or_default());
    let differs = match (&packet.body, &sniffed.message) {
        (Body::Udp { len }, Message::Udp { len: seen, .. }) => (len != seen).then_some("the datagram's length"),
        (Body::Icmp(icmp), Message::Icmp { kind, code }) => {
            let expected = icmp::numbers(icmp, player.config.stack.is_ipv6()).map_err(Stop::Error)?;
            (expected != (*kind, *code)).then_some("the type or code")
        }
        _ => Some("the protocol"),
    };
    match differs {
        None => Ok(sniffed.time),
        Some(differs) => Err(Stop::failed(packet.to_string(), seen.to_string(), differs)),
    }
}
