//! Verdicts: what checks say, and the book in which it is kept per endpoint.

use crate::requirement::Level;
use hashbrown::HashMap;
use std::fmt::Display;
use std::net::IpAddr;
use wire::{FrameNumber, Instant};

/// Endpoints told apart in the book; those that appear later share one row, so that memory stays bounded.
pub const MAX_ENDPOINTS: usize = 4096;
/// Violations kept whole per requirement and endpoint; further ones are only counted.
const FINDINGS_PER_CELL: u32 = 10;
/// Violations kept whole in one capture.
const FINDINGS_PER_CAPTURE: usize = 10_000;
/// Accusations that can be withdrawn, per connection. Later ones stand.
const ACCUSATIONS_PER_CONNECTION: usize = 4096;

/// Why a check could not judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Reason {
    /// Some placement of the events within the delays between capture point and endpoint would conform.
    Vantage,
    /// The capture itself lacks packets (acknowledged but never seen), or some of them may have been lost on the way.
    CaptureIncomplete,
    /// The connection was already open when the capture began.
    MidStream,
    /// The packet was cut by the snap length.
    Sliced,
    /// The checksum was left to the network card, and captured before it was filled in.
    ChecksumOffload,
    /// Segments were merged or split between the stack and the wire (TSO, GRO).
    SegmentOffload,
    /// The capture point may have seen the packet twice.
    SeenTwice,
    /// The capture's clock stepped backwards.
    ClockSteppedBack,
    /// Two readings of the packets are possible, and one of them conforms.
    Ambiguous,
    /// Too few events to tell.
    TooFew,
    /// The capture, or the connection's record, ended before the answer was due.
    CaptureEnded,
    /// It depends on a configuration or application choice that packets do not show.
    ApplicationChoice,
}

impl Reason {
    pub const ALL: [Reason; 12] = [
        Reason::Vantage,
        Reason::CaptureIncomplete,
        Reason::MidStream,
        Reason::Sliced,
        Reason::ChecksumOffload,
        Reason::SegmentOffload,
        Reason::SeenTwice,
        Reason::ClockSteppedBack,
        Reason::Ambiguous,
        Reason::TooFew,
        Reason::CaptureEnded,
        Reason::ApplicationChoice,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Reason::Vantage => "vantage",
            Reason::CaptureIncomplete => "capture incomplete",
            Reason::MidStream => "capture began mid-connection",
            Reason::Sliced => "packet cut by snap length",
            Reason::ChecksumOffload => "checksum offload",
            Reason::SegmentOffload => "segmentation offload",
            Reason::SeenTwice => "packet seen twice",
            Reason::ClockSteppedBack => "capture clock stepped back",
            Reason::Ambiguous => "ambiguous",
            Reason::TooFew => "too few events",
            Reason::CaptureEnded => "capture ended too early",
            Reason::ApplicationChoice => "depends on the application",
        }
    }
}

/// A requirement's place in the registry (`crate::requirements()`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RequirementIndex(pub u16);

/// An endpoint's row in the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct EndpointIndex(pub u16);

/// How often one requirement was judged for one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub held: u32,
    pub broken: u32,
    pub abstained: u32,
    reasons: u16,
}

impl Tally {
    /// Why the check abstained, when it did.
    pub fn reasons(&self) -> impl Iterator<Item = Reason> + '_ {
        Reason::ALL
            .into_iter()
            .filter(|&reason| self.reasons >> reason as u8 & 1 == 1)
    }

    pub fn verdict(&self, level: Level) -> Verdict {
        match self {
            Tally { broken: 1.., .. } if level == Level::Must => Verdict::Violated,
            Tally { broken: 1.., .. } => Verdict::Deviating,
            Tally { held: 1.., .. } => Verdict::Holds,
            Tally { abstained: 1.., .. } => Verdict::Inconclusive,
            _ => Verdict::NotExercised,
        }
    }

    #[inline]
    fn abstain(&mut self, reason: Reason) {
        self.abstained = self.abstained.saturating_add(1);
        self.reasons |= 1 << reason as u8;
    }

    pub fn add(&mut self, other: &Tally) {
        self.held = self.held.saturating_add(other.held);
        self.broken = self.broken.saturating_add(other.broken);
        self.abstained = self.abstained.saturating_add(other.abstained);
        self.reasons |= other.reasons;
    }
}

/// What is said of one requirement and one endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// A MUST was broken at least once.
    Violated,
    /// A SHOULD was broken at least once.
    Deviating,
    /// Judged at least once, and kept each time.
    Holds,
    /// Exercised, but nobody could tell.
    Inconclusive,
    /// Nothing in the traffic touched it.
    NotExercised,
}

impl Verdict {
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Violated => "violated",
            Verdict::Deviating => "deviating",
            Verdict::Holds => "holds",
            Verdict::Inconclusive => "inconclusive",
            Verdict::NotExercised => "not exercised",
        }
    }
}

/// Who spoke to whom: the judged packet's direction, for display.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flow {
    pub source: (IpAddr, u16),
    pub destination: (IpAddr, u16),
}

impl Display for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let end = |f: &mut std::fmt::Formatter<'_>, (address, port): (IpAddr, u16)| match (address, port) {
            (address, 0) => address.fmt(f),
            (IpAddr::V6(address), port) => write!(f, "[{address}]:{port}"),
            (IpAddr::V4(address), port) => write!(f, "{address}:{port}"),
        };
        end(f, self.source)?;
        f.write_str(" -> ")?;
        end(f, self.destination)
    }
}

/// One violation or deviation, with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub requirement: RequirementIndex,
    /// The host that is accused.
    pub endpoint: IpAddr,
    /// From the accused to its peer.
    pub flow: Flow,
    /// When it was noticed.
    pub time: Instant,
    /// The frames that prove it, in the order in which the text speaks of them.
    pub frames: Vec<FrameNumber>,
    pub expected: String,
    pub seen: String,
}

/// A tally for each requirement, in the registry's order. Its length is known to the compiler, and so is each check's place
/// in it: counting a verdict is one addition.
type Row = [Tally; crate::TOTAL];

/// All verdicts of one capture.
#[derive(Debug, Default)]
pub struct Book {
    endpoints: Vec<IpAddr>,
    rows: HashMap<IpAddr, EndpointIndex>,
    /// One row per endpoint.
    tallies: Vec<Row>,
    /// Endpoints beyond [`MAX_ENDPOINTS`], which share the last row.
    crowded: bool,
    /// None where one was withdrawn.
    findings: Vec<Option<Finding>>,
    /// Findings that were counted but not kept whole.
    pub findings_dropped: u64,
}

/// A finding that rests on the capture having missed nothing of its connection: it can be withdrawn until that has ended.
#[derive(Debug, Clone, Copy)]
pub struct Accusation {
    endpoint: EndpointIndex,
    requirement: RequirementIndex,
    /// Its place, if it was kept whole.
    finding: Option<u32>,
}

impl Book {
    /// The row of `address`, made when it is new.
    pub fn endpoint(&mut self, address: IpAddr) -> EndpointIndex {
        if let Some(&row) = self.rows.get(&address) {
            return row;
        }
        if self.endpoints.len() >= MAX_ENDPOINTS {
            self.crowded = true;
            return EndpointIndex((MAX_ENDPOINTS - 1) as u16);
        }
        let row = EndpointIndex(self.endpoints.len() as u16);
        self.endpoints.push(address);
        self.tallies.push([Tally::default(); crate::TOTAL]);
        self.rows.insert(address, row);
        row
    }

    /// Endpoints in the order of their first packet, each with its tallies in the registry's order.
    pub fn rows(&self) -> impl Iterator<Item = (IpAddr, &[Tally])> {
        self.endpoints
            .iter()
            .copied()
            .zip(self.tallies.iter().map(|row| &row[..]))
    }

    /// Every violation and deviation, in the order in which they were noticed.
    pub fn findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().flatten()
    }

    /// The capture turned out to lack packets of the connection: nobody can tell.
    #[cold]
    pub(crate) fn withdraw(&mut self, accusations: &[Accusation]) {
        for accusation in accusations {
            let row = self.tallies.get_mut(usize::from(accusation.endpoint.0));
            if let Some(tally) = row.and_then(|row| row.get_mut(usize::from(accusation.requirement.0))) {
                tally.broken = tally.broken.saturating_sub(1);
                tally.abstain(Reason::CaptureIncomplete);
            }
            match accusation.finding {
                Some(place) => {
                    if let Some(finding) = self.findings.get_mut(place as usize) {
                        *finding = None;
                    }
                }
                None => self.findings_dropped = self.findings_dropped.saturating_sub(1),
            }
        }
    }

    /// Whether the last row stands for several endpoints.
    pub fn is_crowded(&self) -> bool {
        self.crowded
    }
}

/// Where a check stands while it judges: whom, and at which packet.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    pub endpoint: EndpointIndex,
    /// The judged endpoint.
    pub source: (&'a IpAddr, u16),
    /// Its peer.
    pub destination: (&'a IpAddr, u16),
    pub frame: FrameNumber,
    pub time: Instant,
}

/// Takes a check's verdicts to the book.
pub struct Judge<'a> {
    row: &'a mut Row,
    findings: &'a mut Vec<Option<Finding>>,
    findings_dropped: &'a mut u64,
    /// Where findings are noted that may have to be withdrawn.
    accusations: Option<&'a mut Vec<Accusation>>,
    /// The present packet may be a copy that the network made.
    doubtful: bool,
    /// The judged end was free to take or to drop an earlier segment.
    unsettled: bool,
    scene: Scene<'a>,
    turn: RequirementIndex,
}

impl<'a> Judge<'a> {
    /// None for an endpoint that is not in the book.
    #[inline]
    pub fn new(book: &'a mut Book, scene: Scene<'a>) -> Option<Judge<'a>> {
        Some(Judge {
            row: book.tallies.get_mut(usize::from(scene.endpoint.0))?,
            findings: &mut book.findings,
            findings_dropped: &mut book.findings_dropped,
            accusations: None,
            doubtful: false,
            unsettled: false,
            scene,
            turn: RequirementIndex(0),
        })
    }

    /// Notes each finding that does not stand by itself.
    #[inline]
    pub(crate) fn noting(&mut self, accusations: &'a mut Vec<Accusation>) {
        self.accusations = Some(accusations);
    }

    /// Of a packet that may be a copy only what its own octets prove is said.
    #[inline]
    pub(crate) fn doubting(&mut self, doubtful: bool) {
        self.doubtful = doubtful;
    }

    /// Nobody is accused whose state is not known.
    #[inline]
    pub(crate) fn unsettled(&mut self, unsettled: bool) {
        self.unsettled = unsettled;
    }

    #[inline(always)]
    fn tally(&mut self) -> Option<&mut Tally> {
        self.row.get_mut(usize::from(self.turn.0))
    }

    /// From here on `requirement` speaks. Called by the fan-out, never by a check.
    #[inline(always)]
    pub fn turn_to(&mut self, requirement: u16) {
        self.turn = RequirementIndex(requirement);
    }

    /// The requirement was exercised and kept, once.
    #[inline]
    pub fn holds(&mut self) {
        if let Some(tally) = self.tally() {
            tally.held = tally.held.saturating_add(1);
        }
    }

    /// The requirement was exercised, but `reason` keeps anybody from telling.
    #[inline]
    pub fn inconclusive(&mut self, reason: Reason) {
        if let Some(tally) = self.tally() {
            tally.abstain(reason);
        }
    }

    /// The requirement was broken. `frames` prove it, earliest first, the current one included if it belongs;
    /// `expected` and `seen` are the facts compared, as short sentences with numbers and units.
    #[cold]
    pub fn violated(&mut self, frames: &[FrameNumber], expected: impl Display, seen: impl Display) {
        if self.doubtful && !self.stands_by_itself() {
            return self.inconclusive(Reason::SeenTwice);
        }
        if self.unsettled {
            return self.inconclusive(Reason::Ambiguous);
        }
        let Scene {
            source,
            destination,
            time,
            ..
        } = self.scene;
        let flow = Flow {
            source: (*source.0, source.1),
            destination: (*destination.0, destination.1),
        };
        let Some(tally) = self.tally() else { return };
        tally.broken = tally.broken.saturating_add(1);
        let kept = tally.broken <= FINDINGS_PER_CELL && self.findings.len() < FINDINGS_PER_CAPTURE;
        self.note(kept);
        if !kept {
            *self.findings_dropped += 1;
            return;
        }
        self.findings.push(Some(Finding {
            requirement: self.turn,
            endpoint: flow.source.0,
            flow,
            time,
            frames: frames.to_vec(),
            expected: expected.to_string(),
            seen: seen.to_string(),
        }));
    }

    fn stands_by_itself(&self) -> bool {
        crate::requirements()
            .get(usize::from(self.turn.0))
            .is_some_and(|requirement| requirement.by_itself)
    }

    fn note(&mut self, kept: bool) {
        let by_itself = self.stands_by_itself();
        let Some(accusations) = &mut self.accusations else {
            return;
        };
        if !by_itself && accusations.len() < ACCUSATIONS_PER_CONNECTION {
            accusations.push(Accusation {
                endpoint: self.scene.endpoint,
                requirement: self.turn,
                finding: kept.then_some(self.findings.len() as u32),
            });
        }
    }

    /// Keeps or breaks by `kept`; the two texts are only written when it is broken.
    #[inline]
    pub fn require(&mut self, kept: bool, frames: &[FrameNumber], expected: impl Display, seen: impl Display) {
        if kept {
            self.holds()
        } else {
            self.violated(frames, expected, seen)
        }
    }

    /// The current packet's frame.
    pub fn frame(&self) -> FrameNumber {
        self.scene.frame
    }
}
