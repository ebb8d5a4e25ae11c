//! How the stack's part in a replay differs from the captured peer's.

use super::captured::Conversation;
use super::play::Player;
use wire::tcp::Options;

/// What a replay came to, beside the verdicts.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// Segments of our side that were sent, of those captured.
    pub sent: usize,
    pub of: usize,
    /// Octets: what our side sent in the capture and what the stack's application received; what its peer sent in the capture and what
    /// the stack sent.
    pub delivered: [u64; 2],
    pub answered: [u64; 2],
    /// How either end ended, in the capture and at the stack: `FIN`, `RST`, `FIN and RST`, `nothing`.
    pub ended: [&'static str; 2],
    /// What a reader should know about the capture.
    pub notes: Vec<String>,
    pub differences: Vec<String>,
}

impl Player<'_> {
    pub fn told(self) -> Told {
        let Conversation { notes, .. } = self.conversation;
        let ours = self.conversation.end(self.plays);
        let theirs = self.conversation.end(self.plays.other());
        let (received, stream) = (&self.application.received, &self.heard.stream);
        let mut told = Told {
            sent: self.sent[0],
            of: self.sent[1],
            delivered: [ours.stream.len(), received.len() as u64],
            answered: [theirs.stream.len(), stream.len()],
            ended: [
                ending(theirs.fin, theirs.reset),
                ending(self.heard.fin, self.heard.reset),
            ],
            notes: notes.clone(),
            differences: Vec::new(),
        };
        let peer = self.plays.other().name();
        let mut add = |text: Option<String>| told.differences.extend(text);
        for text in handshake(
            theirs.options.as_ref(),
            self.heard.syn.as_ref().map(|syn| &syn.options),
            peer,
        ) {
            add(Some(text));
        }
        self.remarks.iter().for_each(|text| add(Some(text.clone())));
        if self.unmet > self.remarks.len() {
            add(Some(format!("{} segments of ours waited in vain, in all", self.unmet)));
        }
        let own = self.plays.name();
        add(octets(
            ours.stream.octets(),
            received,
            &format!("the captured {own} sent"),
            "the stack's application received",
        ));
        add(octets(
            theirs.stream.octets(),
            stream.octets(),
            &format!("the captured {peer} sent"),
            "the stack sent",
        ));
        if told.ended[0] != told.ended[1] {
            told.differences.push(format!(
                "the captured {peer} ended by {}, the stack by {}",
                told.ended[0], told.ended[1]
            ));
        }
        told.differences.extend(self.application.troubles.iter().cloned());
        told
    }
}

fn ending(fin: Option<u64>, reset: bool) -> &'static str {
    match (fin.is_some(), reset) {
        (true, true) => "FIN and RST",
        (true, false) => "FIN",
        (false, true) => "RST",
        (false, false) => "nothing",
    }
}

/// What the stack's SYN says, and the captured one does not, and the other way round.
fn handshake(captured: Option<&Options>, stack: Option<&Options>, peer: &str) -> Vec<String> {
    let (captured, stack) = match (captured, stack) {
        (Some(captured), Some(stack)) => (captured, stack),
        (Some(_), None) => return vec!["the stack sent no SYN".to_owned()],
        (None, Some(_)) => return vec![format!("the stack sent a SYN; the capture has none of the {peer}")],
        (None, None) => return Vec::new(),
    };
    let has = |options: &Options| {
        [
            ("timestamps", options.timestamps.is_some()),
            ("SACK", options.sack_permitted),
            ("window scaling", options.window_scale.is_some()),
        ]
    };
    let pairs = has(captured).into_iter().zip(has(stack)).filter(|(a, b)| a.1 != b.1);
    pairs
        .map(|((option, captured), _)| match captured {
            true => format!("the captured {peer}'s SYN has {option}, the stack's has not"),
            false => format!("the stack's SYN has {option}, the captured {peer}'s has not"),
        })
        .collect()
}

fn octets(captured: &[u8], live: &[u8], sent: &str, got: &str) -> Option<String> {
    if captured == live {
        return None;
    }
    let same = captured.iter().zip(live).take_while(|(a, b)| a == b).count();
    let whole = same == captured.len().min(live.len());
    let differ = if whole {
        String::new()
    } else {
        format!("; they differ from octet {} on", same + 1)
    };
    Some(format!(
        "{sent} {} octets, {got} {}{differ}",
        captured.len(),
        live.len()
    ))
}
