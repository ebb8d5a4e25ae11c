//! The form of options: lengths and padding.

use crate::example::{Example, abstains, holds, violates};
use crate::requirement::{Level, Requirement, Role, requirement, rfc};
use crate::tcp::{Moment, TcpCheck};
use crate::tracker::Checksum;
use crate::verdict::{Judge, Reason};
use wire::tcp::{TcpOption, kind, options};

/// RFC 9293 section 3.1 (MUST-68): every option but EOL and NOP has a length octet; each RFC fixes the lengths of its own.
#[derive(Default)]
pub struct OptionLengthCorrect;

impl TcpCheck for OptionLengthCorrect {
    const REQUIREMENT: Requirement = requirement("tcp/option-length-correct", rfc(9293, "3.1"), Level::Must).by_itself()
        .labels(&["MUST-68"])
        .also(&[rfc(7323, "2.2"), rfc(7323, "3.2"), rfc(2018, "2"), rfc(2018, "3")])
        .binds(Role::Sender)
        .says("Every option has a length that covers it exactly and that its RFC gives it.")
        .judged(
            "The options of every segment that has any, read one by one. Segments with a wrong checksum may have been damaged on \
             the way and are not judged.",
        );

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if at.segment.raw_options.is_empty() {
            return;
        }
        let wrong = wrong_option(at);
        match wrong {
            None => judge.holds(),
            Some(_) if at.segment.checksum == Checksum::Wrong => judge.inconclusive(Reason::Ambiguous),
            Some(wrong) => judge.violated(&[at.frame()], "options whose lengths are those of their RFCs", wrong),
        }
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("MSS, window scale and SACK-permitted", |t| t.handshake()),
            violates("an option that reaches behind the header", |t| {
                t.client().syn().mss(1460).raw_options(&[254, 40, 0, 0]);
            }),
            violates("a window scale option of four octets", |t| {
                t.client().syn().mss(1460).raw_options(&[3, 4, 0, 0]);
            }),
            abstains("no options", |t| {
                t.client().syn();
            }),
        ]
    }
}

/// The common forms cost nothing: what `Options` found regular needs no second look.
fn wrong_option(at: &Moment<'_>) -> Option<String> {
    let found = &at.segment.options;
    if let Some(error) = found.malformed {
        return Some(error.to_string());
    }
    if !found.irregular {
        return None;
    }
    options(at.segment.raw_options)
        .flatten()
        .find_map(|option| match option {
            TcpOption::Other {
                kind: known @ (2..=5 | kind::TIMESTAMPS | kind::MD5 | kind::USER_TIMEOUT | kind::AO | kind::MPTCP),
                data,
            } => Some(format!("option kind {known} with length {}", data.len() + 2)),
            _ => None,
        })
}

/// RFC 9293 section 3.1 (MUST-69): what follows the end-of-list option is zero.
#[derive(Default)]
pub struct OptionsPaddedWithZero;

impl TcpCheck for OptionsPaddedWithZero {
    const REQUIREMENT: Requirement = requirement("tcp/options-padded-with-zero", rfc(9293, "3.1"), Level::Must)
        .by_itself()
        .labels(&["MUST-69"])
        .binds(Role::Sender)
        .says("The header behind an end-of-list option is padded with zeros.")
        .judged("The octets behind the first end-of-list option of every segment that has one.");

    fn on_sent(&mut self, at: &Moment<'_>, judge: &mut Judge<'_>) {
        if !at.segment.options.end_of_list {
            return;
        }
        let raw = at.segment.raw_options;
        let mut walk = options(raw);
        let mut end = 0;
        while let Some(Ok(option)) = walk.next()
            && option != TcpOption::EndOfList
        {
            end = walk.offset();
        }
        let padding = raw.get(end + 1..).unwrap_or_default();
        let kept = padding.iter().all(|&octet| octet == 0);
        if !kept && at.segment.checksum == Checksum::Wrong {
            return judge.inconclusive(Reason::Ambiguous);
        }
        judge.require(
            kept,
            &[at.frame()],
            "zeros behind the end-of-list option",
            format_args!("{padding:02x?}"),
        );
    }

    fn examples() -> Vec<Example> {
        vec![
            holds("end of list and three zeros", |t| {
                t.client().syn().mss(1460).raw_options(&[0, 0, 0, 0]);
            }),
            violates("end of list, then something else", |t| {
                t.client().syn().mss(1460).raw_options(&[0, 1, 2, 3]);
            }),
            abstains("no end of list", |t| t.handshake()),
        ]
    }
}
