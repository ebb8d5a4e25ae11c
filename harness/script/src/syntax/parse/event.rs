//! Times, and what happens at them.

use super::cursor::Cursor;
use super::{call, packet};
use crate::syntax::ast::{Action, Event, Time};
use crate::syntax::error::SyntaxError;
use crate::syntax::token::Kind;

/// Ten years: beyond it a time is a mistake, and sums of times would not fit.
const MAX_SECONDS: f64 = 315_360_000.0;

pub fn event(cursor: &mut Cursor<'_>) -> Result<Event, SyntaxError> {
    let (place, start) = (cursor.place(), cursor.offset());
    let when = time(cursor)?;
    let action_at = cursor.wrong("an outbound packet: only they may come at any time of a range");
    let action = action(cursor)?;
    let outbound = matches!(&action, Action::Packet(packet) if !packet.inbound);
    if matches!(when, Time::Any | Time::AbsoluteRange(..) | Time::RelativeRange(..)) && !outbound {
        return Err(action_at);
    }
    Ok(Event {
        time: when,
        action,
        place,
        at: start..cursor.end_of_last(),
    })
}

fn time(cursor: &mut Cursor<'_>) -> Result<Time, SyntaxError> {
    if cursor.take_symbol('*') {
        return Ok(Time::Any);
    }
    let relative = cursor.take_symbol('+');
    let from = microseconds(cursor)?;
    if !cursor.is_symbol('~') {
        return Ok(if relative {
            Time::Relative(from)
        } else {
            Time::Absolute(from)
        });
    }
    let backwards = cursor.wrong("a range that does not end before it begins");
    cursor.advance();
    if relative {
        cursor.symbol('+')?;
    }
    let to = microseconds(cursor)?;
    match (from <= to, relative) {
        (false, _) => Err(backwards),
        (true, true) => Ok(Time::RelativeRange(from, to)),
        (true, false) => Ok(Time::AbsoluteRange(from, to)),
    }
}

/// Seconds, not negative.
pub fn microseconds(cursor: &mut Cursor<'_>) -> Result<i64, SyntaxError> {
    let what = "a time in seconds that is not negative, and at most ten years";
    let seconds = match cursor.peek() {
        Kind::Int(seconds) => *seconds as f64,
        Kind::Float => cursor.source().parse().map_err(|_| cursor.wrong(what))?,
        _ => return Err(cursor.wrong(what)),
    };
    if !(0.0..=MAX_SECONDS).contains(&seconds) {
        return Err(cursor.wrong(what));
    }
    cursor.advance();
    Ok((seconds * 1e6).round() as i64)
}

fn action(cursor: &mut Cursor<'_>) -> Result<Action, SyntaxError> {
    match cursor.peek().clone() {
        Kind::Symbol('<' | '>') => packet::packet(cursor).map(|packet| Action::Packet(Box::new(packet))),
        Kind::Word | Kind::Ellipsis => call::call(cursor).map(|call| Action::Call(Box::new(call))),
        Kind::Command(command) => {
            cursor.advance();
            Ok(Action::Command(command))
        }
        Kind::Code(code) => {
            cursor.advance();
            Ok(Action::Code(code))
        }
        _ => Err(cursor.wrong("'<' or '>' and a packet, a call, a command in backquotes, or code in %{ }%")),
    }
}
