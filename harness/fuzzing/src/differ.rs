//! One conversation at two stacks: where only one of the two applications got what RFC 9293 promises it.
//!
//! Stacks differ in much that the RFCs leave open: windows, sizes, times, what they keep above a gap. So a difference alone is nothing.
//! It counts when the first stack's own side shows that it had to (what it acknowledged, what arrived by the book within its window),
//! and the other shows that it could be done, while both have met the same that was out of the ordinary.

use crate::account::{Account, Moment};
use crate::find::Find;

/// What a comparison came to.
#[derive(Debug, Clone, Default)]
pub struct Compared {
    pub finds: Vec<Find>,
    /// Connections after one event, and those of them that could be compared.
    pub moments: u32,
    pub alike: u32,
}

/// What speaks against the stack of the first accounts, beside the second, whose name is `other`.
pub fn compare(stack: &[Account], other_stack: &[Account], other: &str) -> Compared {
    let mut compared = Compared::default();
    for (one, two) in stack.iter().zip(other_stack) {
        let mut before = None;
        let mut found: Vec<&'static str> = Vec::new();
        for (now, there) in one.moments.iter().zip(&two.moments) {
            compared.moments += 1;
            if now.odd != there.odd || now.event != there.event || !now.single || !there.single {
                break;
            }
            compared.alike += 1;
            let last = before.replace(now);
            let Some((difference, last)) = difference(one, last, now, there).zip(last) else {
                continue;
            };
            if !found.contains(&difference.kind) {
                found.push(difference.kind);
                compared
                    .finds
                    .push(Find::of_difference(&difference.told(other), now.event, last.frame));
            }
        }
    }
    compared
}

/// A difference in words.
pub(crate) struct Difference {
    pub kind: &'static str,
    pub source: &'static str,
    pub expected: String,
    pub seen: String,
}

impl Difference {
    fn new(kind: &'static str, source: &'static str, expected: String, seen: String) -> Option<Difference> {
        Some(Difference {
            kind,
            source,
            expected,
            seen,
        })
    }

    fn told(self, other: &str) -> Difference {
        Difference {
            expected: format!("as at {other}, where {}", self.expected),
            ..self
        }
    }
}

/// Whatever is wrong must have been so after the event before, too: applications may take a moment.
fn difference(one: &Account, last: Option<&Moment>, now: &Moment, there: &Moment) -> Option<Difference> {
    let last = last?;
    if now.other && !there.other {
        return Difference::new(
            "other octets",
            "RFC 9293 2.2",
            "the application got the octets that were sent".to_owned(),
            "it got octets that had not been sent there".to_owned(),
        );
    }
    if one.reads && now.accepted {
        return lost(last, now, there)
            .or_else(|| refused(now, there))
            .or_else(|| failed(now, there))
            .or_else(|| not_told(last, now, there));
    }
    not_accepted(one, last, now, there)
}

/// RFC 9293 section 3.4: an acknowledgement of data says that it is here, and section 3.10.4 that RECEIVE brings it.
fn lost(last: &Moment, now: &Moment, there: &Moment) -> Option<Difference> {
    let untold = last.acked > now.delivered && last.accepted && now.error.is_none() && !now.gone && !now.reset;
    if !untold || there.delivered < last.acked {
        return None;
    }
    let (had, has) = (there.delivered, now.delivered);
    if there.end && !now.end && had == has + 1 {
        return Difference::new(
            "an acknowledged end is not told",
            "RFC 9293 3.10.7.4",
            format!("the end of the stream was told behind octet {has}"),
            "it acknowledged the FIN, and its application was told nothing".to_owned(),
        );
    }
    Difference::new(
        "acknowledged octets are not delivered",
        "RFC 9293 3.10.4",
        format!("{had} octets were delivered"),
        format!("{} were acknowledged, and {has} delivered", last.acked),
    )
}

/// RFC 9293 section 3.4, and section 3.10.7.4, seventh and eighth: what is next, lies in the window and acknowledges nothing wrong is taken.
fn refused(now: &Moment, there: &Moment) -> Option<Difference> {
    let due = now.refused >= 2 && now.acked == now.delivered && there.delivered > now.delivered;
    let able = now.error.is_none() && now.young && !now.gone && !now.bent && !now.blind && !now.reset;
    if !due || !able || now.sent < there.delivered {
        return None;
    }
    let (had, has) = (there.delivered, now.delivered);
    let kind = if now.sent == has + 1 && there.end {
        "an end in order is not taken"
    } else {
        "octets in order are not taken"
    };
    Difference::new(
        kind,
        "RFC 9293 3.10.7.4",
        format!("{had} octets were delivered"),
        format!(
            "{has} were, and what comes next arrived {} times, within the window",
            now.refused
        ),
    )
}

/// RFC 9293 section 3.8.3: without a reset, an error of the network or a long silence a connection goes on.
fn failed(now: &Moment, there: &Moment) -> Option<Difference> {
    let error = now.error?;
    let blameless = now.odd == 0 && now.young && !now.closed && !there.closed;
    if !blameless || there.error.is_some() {
        return None;
    }
    Difference::new(
        "a connection fails for no reason",
        "RFC 9293 3.8.3",
        "it goes on".to_owned(),
        format!("its application was told: {error}"),
    )
}

/// RFC 9293 section 3.10.7.4, second: the user is told of a reset.
fn not_told(last: &Moment, now: &Moment, there: &Moment) -> Option<Difference> {
    // An end that the peer had sent came first.
    let ended = now.end && now.delivered <= now.sent;
    let silent = last.reset && now.error.is_none() && !now.closed && !now.gone && !ended;
    match there.error {
        Some(error) if silent && there.reset && !there.closed => Difference::new(
            "a reset is not told",
            "RFC 9293 3.10.7.4",
            format!("the application was told: {error}"),
            if now.end {
                "its application was told the end of the stream"
            } else {
                "its application was told nothing"
            }
            .to_owned(),
        ),
        _ => None,
    }
}

/// RFC 9293 section 3.10.7.4, fifth: the acknowledgement of its SYN establishes the connection.
fn not_accepted(one: &Account, last: &Moment, now: &Moment, there: &Moment) -> Option<Difference> {
    let due = one.accepts && last.completed && !now.accepted && now.odd == 0 && now.young;
    if !due || !there.accepted || !there.completed {
        return None;
    }
    Difference::new(
        "a connection is not accepted",
        "RFC 9293 3.10.7.4",
        "the application has the connection".to_owned(),
        "its application has none".to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use stacks::CallError;

    /// A connection in order: a hundred octets sent, acknowledged and delivered.
    fn sound() -> Moment {
        Moment {
            single: true,
            young: true,
            sent: 100,
            acked: 100,
            delivered: 100,
            accepted: true,
            completed: true,
            ..Moment::default()
        }
    }

    fn account(now: Moment) -> Account {
        let mut account = Account::new(true, true);
        account.moments = vec![now; 2];
        account
    }

    fn differs(now: Moment, there: Moment) -> Option<String> {
        let compared = compare(&[account(now)], &[account(there)], "another");
        compared.finds.first().map(|find| find.kind.clone())
    }

    #[rstest]
    #[case::the_same("nothing", sound(), sound())]
    #[case::octets_lost("acknowledged octets are not delivered", Moment { delivered: 60, ..sound() }, sound())]
    #[case::the_other_has_less("nothing", Moment { delivered: 60, ..sound() }, Moment { delivered: 50, acked: 50, ..sound() })]
    #[case::the_other_lost_them("nothing", sound(), Moment { delivered: 60, ..sound() })]
    #[case::lost_with_the_connection("nothing", Moment { delivered: 60, error: Some(CallError::Reset), reset: true, odd: 3, ..sound() }, Moment { odd: 3, reset: true, ..sound() })]
    #[case::nobody_reads_any_more("nothing", Moment { delivered: 60, gone: true, ..sound() }, sound())]
    #[case::an_end_lost("an acknowledged end is not told", Moment { delivered: 99, ..sound() }, Moment { end: true, ..sound() })]
    #[case::kept_out_of_a_smaller_window("nothing", Moment { delivered: 60, acked: 60, ..sound() }, sound())]
    #[case::refused_in_order("octets in order are not taken", Moment { delivered: 60, acked: 60, refused: 2, ..sound() }, sound())]
    #[case::refused_once("nothing", Moment { delivered: 60, acked: 60, refused: 1, ..sound() }, sound())]
    #[case::refused_for_its_timestamps("nothing", Moment { delivered: 60, acked: 60, refused: 2, bent: true, ..sound() }, sound())]
    #[case::refused_after_closing("nothing", Moment { delivered: 60, acked: 60, refused: 2, gone: true, ..sound() }, sound())]
    #[case::an_end_refused("an end in order is not taken", Moment { delivered: 99, acked: 99, refused: 2, ..sound() }, Moment { end: true, ..sound() })]
    #[case::other_octets("other octets", Moment { other: true, ..sound() }, sound())]
    #[case::other_octets_at_both("nothing", Moment { other: true, ..sound() }, Moment { other: true, ..sound() })]
    #[case::fails("a connection fails for no reason", Moment { error: Some(CallError::Aborted), ..sound() }, sound())]
    #[case::fails_after_long("nothing", Moment { error: Some(CallError::TimedOut), young: false, ..sound() }, sound())]
    #[case::fails_upon_something_odd("nothing", Moment { error: Some(CallError::Reset), odd: 3, ..sound() }, Moment { odd: 3, ..sound() })]
    #[case::refused_while_half_closed(
        "octets in order are not taken",
        Moment { delivered: 60, acked: 60, refused: 2, closed: true, ..sound() },
        sound()
    )]
    #[case::fails_after_closing(
        "nothing",
        Moment { error: Some(CallError::Aborted), closed: true, ..sound() },
        sound()
    )]
    #[case::fails_at_both("nothing", Moment { error: Some(CallError::Aborted), ..sound() }, Moment { error: Some(CallError::Reset), ..sound() })]
    #[case::reset_untold("a reset is not told", Moment { reset: true, odd: 3, ..sound() }, Moment { reset: true, odd: 3, error: Some(CallError::Reset), ..sound() })]
    #[case::reset_told_as_an_end("a reset is not told", Moment { reset: true, odd: 3, end: true, delivered: 101, ..sound() }, Moment { reset: true, odd: 3, error: Some(CallError::Reset), ..sound() })]
    #[case::reset_behind_the_end("nothing", Moment { reset: true, odd: 3, end: true, ..sound() }, Moment { reset: true, odd: 3, error: Some(CallError::Reset), ..sound() })]
    #[case::not_exactly_there("nothing", Moment { odd: 3, ..sound() }, Moment { odd: 3, error: Some(CallError::Reset), ..sound() })]
    #[case::not_accepted("a connection is not accepted", Moment { accepted: false, sent: 0, acked: 0, delivered: 0, ..sound() }, sound())]
    #[case::half_open("nothing", Moment { accepted: false, completed: false, ..sound() }, sound())]
    #[case::met_something_else("nothing", Moment { delivered: 60, odd: 3, ..sound() }, Moment { odd: 5, ..sound() })]
    #[case::two_streams("nothing", Moment { delivered: 60, single: false, ..sound() }, sound())]
    fn what_counts_is_what_the_stack_owed(#[case] kind: &str, #[case] now: Moment, #[case] there: Moment) {
        assert_eq!(differs(now, there).as_deref().unwrap_or("nothing"), kind);
    }

    #[test]
    fn what_is_so_for_one_event_alone_is_nothing() {
        let mut one = account(sound());
        one.moments[1].delivered = 60;
        one.moments[0].acked = 60;
        assert!(compare(&[one], &[account(sound())], "another").finds.is_empty());
    }
}
