//! What a capture does to traffic is never blamed on a stack: conforming captures, spoilt in each way that captures are spoilt,
//! break no requirement that they did not break before.

use capture::Capture;
use conformance::{FrameInfo, Inspector, Level, Settings, requirements};
use rstest::rstest;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use wire::checksum::Sum;
use wire::ethernet::MacAddress;
use wire::link::LinkType;
use wire::tcp::{Flags, Tcp};
use wire::{Duration, FrameNumber, Instant};

#[derive(Clone)]
struct Frame {
    time: Instant,
    link: LinkType,
    original_len: u32,
    data: Vec<u8>,
}

/// A generator of its own for each seed: the same numbers in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        // Steele, Lea and Flood's SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit.max(1)
    }
}

fn pcaps() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../pcaps");
    let mut all: Vec<_> = std::fs::read_dir(folder)
        .expect("pcaps/")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "pcap"))
        .collect();
    all.sort();
    all
}

fn load(path: &Path) -> Vec<Frame> {
    let mut capture = Capture::open(path).expect("a capture");
    let mut frames = Vec::new();
    while let Some(frame) = capture.next_frame().expect("a whole capture") {
        frames.push(Frame {
            time: frame.time.unwrap_or_default(),
            link: frame.link,
            original_len: frame.original_len,
            data: frame.data.to_vec(),
        });
    }
    frames
}

/// The requirements that this traffic is said to break, with the proof for messages.
fn broken(frames: &[Frame]) -> BTreeSet<(&'static str, String)> {
    let mut inspector = Inspector::new(Settings::default());
    for (number, frame) in (1..).zip(frames) {
        let info = FrameInfo {
            number: FrameNumber(number),
            time: frame.time,
            link: frame.link,
            original_len: frame.original_len,
        };
        inspector.frame(info, &frame.data);
    }
    let findings = inspector.finish();
    findings
        .book
        .findings()
        .map(|finding| (requirements()[usize::from(finding.requirement.0)], finding))
        .filter(|(requirement, _)| requirement.level != Level::May)
        .map(|(requirement, finding)| {
            let proof = format!(
                "{:?}: expected {}, seen {}",
                finding.frames, finding.expected, finding.seen
            );
            (requirement.id, proof)
        })
        .collect()
}

/// Frames that the capture lost, one in ten.
fn loses_frames(frames: &mut Vec<Frame>, dice: &mut Dice) {
    frames.retain(|_| dice.below(10) > 0);
}

/// A stretch of frames that the capture lost, as when a disk stalls.
fn loses_a_stretch(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let from = dice.below(frames.len() as u64) as usize;
    let to = (from + 1 + dice.below(20) as usize).min(frames.len());
    frames.drain(from..to);
}

/// The capture begins late.
fn begins_late(frames: &mut Vec<Frame>, dice: &mut Dice) {
    frames.drain(..dice.below(frames.len() as u64) as usize);
}

/// The capture ends early.
fn ends_early(frames: &mut Vec<Frame>, dice: &mut Dice) {
    frames.truncate(1 + dice.below(frames.len() as u64) as usize);
}

/// A snap length that cuts data, or headers.
#[allow(clippy::ptr_arg)] // as its kin, which drop frames
fn is_sliced(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let snap = [40, 52, 60, 68, 96, 128][dice.below(6) as usize];
    frames.iter_mut().for_each(|frame| frame.data.truncate(snap));
}

/// A mirror port that sees every packet twice, the second time a little later.
fn sees_twice(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let late = Duration::micros(1 + dice.below(200) as i64);
    let mut copies: Vec<_> = frames
        .iter()
        .map(|frame| Frame {
            time: frame.time + late,
            ..frame.clone()
        })
        .collect();
    frames.append(&mut copies);
    frames.sort_by_key(|frame| frame.time);
}

/// A clock that is set back in the middle.
#[allow(clippy::ptr_arg)] // as its kin, which drop frames
fn steps_back(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let from = 1 + dice.below(frames.len() as u64 - 1) as usize;
    // Far enough for time to run backwards: less cannot be noticed by anybody.
    let visible = frames[from].time - frames[from - 1].time;
    let step = visible + Duration::millis(1 + dice.below(3000) as i64);
    frames[from..]
        .iter_mut()
        .for_each(|frame| frame.time = frame.time - step);
}

/// A clock that ticks every ten milliseconds.
#[allow(clippy::ptr_arg)] // as its kin, which drop frames
fn ticks_coarsely(frames: &mut Vec<Frame>, _: &mut Dice) {
    frames
        .iter_mut()
        .for_each(|frame| frame.time.0 -= frame.time.0 % 10_000_000);
}

/// One direction only.
fn hears_one_side(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let first = frames.first().map(source).unwrap_or_default();
    let side = dice.below(2) == 0;
    frames.retain(|frame| (source(frame) == first) == side);
}

/// Checksums of one side left to its card: the sum of the pseudo-header stands in their place.
#[allow(clippy::ptr_arg)] // as its kin, which drop frames
fn leaves_checksums_to_hardware(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let first = frames.first().map(source).unwrap_or_default();
    let side = dice.below(2) == 0;
    for frame in frames.iter_mut().filter(|frame| (source(frame) == first) == side) {
        offload(frame);
    }
}

/// Segments merged by the receiving card (GRO), or not yet split by the sending one (TSO).
fn merges_segments(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let mut merged: Vec<Frame> = Vec::new();
    for frame in frames.drain(..) {
        let fits = dice.below(4) > 0 && merged.last().is_some_and(|last| continues(last, &frame));
        match merged.last_mut().filter(|_| fits) {
            Some(last) => append(last, &frame),
            None => merged.push(frame),
        }
    }
    *frames = merged;
}

/// A wireless card that listens along. It loses frames; it catches some with their repetition, and some only by it, after what was
/// sent meanwhile, although the receiver puts them in order.
fn is_overheard(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let mut overheard = Vec::new();
    for (number, frame) in frames.drain(..).enumerate() {
        let again = Frame {
            time: frame.time + Duration::micros(1 + dice.below(20_000) as i64),
            ..frame.clone()
        };
        match dice.below(10) {
            0 => {}
            1 => overheard.push(on_the_air(again, number, RETRY)),
            2 => {
                overheard.push(on_the_air(frame, number, FIRST));
                overheard.push(on_the_air(again, number, RETRY));
            }
            _ => overheard.push(on_the_air(frame, number, FIRST)),
        }
    }
    overheard.sort_by_key(|frame| frame.time);
    *frames = overheard;
}

/// The same, where both ends are stations: the access point sends every packet on, when its receiver is awake.
fn is_overheard_twice(frames: &mut Vec<Frame>, dice: &mut Dice) {
    let mut both: Vec<Frame> = Vec::new();
    for (number, frame) in frames.drain(..).enumerate() {
        let relayed = Frame {
            time: frame.time + Duration::micros(1 + dice.below(20_000) as i64),
            ..frame.clone()
        };
        both.push(on_the_air(frame, number, FIRST));
        both.push(on_the_air(relayed, number, RELAYED));
    }
    both.sort_by_key(|frame| frame.time);
    *frames = both;
}

/// Frame Control of data: to the access point, once more, and from it.
const FIRST: [u8; 2] = [0x08, 0x01];
const RETRY: [u8; 2] = [0x08, 0x09];
const RELAYED: [u8; 2] = [0x08, 0x02];

/// A packet without link header in a frame of IEEE 802.11.
fn on_the_air(frame: Frame, number: usize, control: [u8; 2]) -> Frame {
    let is_ipv6 = frame.data.first().is_some_and(|octet| octet >> 4 == 6);
    let protocol: [u8; 2] = if is_ipv6 { [0x86, 0xdd] } else { [8, 0] };
    let msdu = [&[0xaa, 0xaa, 3, 0, 0, 0], &protocol[..], &frame.data].concat();
    let mut data = Vec::new();
    wire::ieee80211::Ieee80211 {
        control,
        duration: 0,
        address1: MacAddress([2; 6]),
        address2: MacAddress([4; 6]),
        address3: MacAddress([6; 6]),
        sequence_control: (number as u16) << 4,
        address4: None,
        qos_control: None,
        ht_control: None,
        payload: &msdu,
    }
    .emit(&mut data);
    Frame {
        link: LinkType::IEEE802_11,
        original_len: data.len() as u32,
        data,
        ..frame
    }
}

fn source(frame: &Frame) -> Vec<u8> {
    let range = if frame.data.first().is_some_and(|octet| octet >> 4 == 6) {
        8..24
    } else {
        12..16
    };
    frame.data.get(range).unwrap_or_default().to_vec()
}

/// Header length and TCP segment of a plain IPv4 packet.
fn tcp(frame: &Frame) -> Option<(usize, Tcp<'_>)> {
    let data = &frame.data;
    let header = usize::from(*data.first().filter(|octet| *octet >> 4 == 4)? & 15) * 4;
    (data.get(9) == Some(&6)).then_some(())?;
    Some((header, Tcp::parse(data.get(header..)?).ok()?))
}

fn offload(frame: &mut Frame) {
    let Some((header, _)) = tcp(frame) else { return };
    let address = |at: usize| {
        std::net::IpAddr::from([
            frame.data[at],
            frame.data[at + 1],
            frame.data[at + 2],
            frame.data[at + 3],
        ])
    };
    let length = (frame.data.len() - header) as u32;
    let sum = Sum::default().pseudo_header(address(12), address(16), 6, length).fold();
    frame.data[header + 16..header + 18].copy_from_slice(&sum.to_be_bytes());
}

/// Data of one sender in sequence, with the same acknowledgement and nothing out of the ordinary.
fn continues(last: &Frame, next: &Frame) -> bool {
    let (Some((_, a)), Some((_, b))) = (tcp(last), tcp(next)) else {
        return false;
    };
    let odd = Flags::SYN
        .with(Flags::RST)
        .with(Flags::FIN)
        .with(Flags::URG)
        .with(Flags::CWR)
        .with(Flags::PSH);
    let plain = |one: &Tcp<'_>| !one.payload.is_empty() && !one.flags.intersects(odd);
    source(last) == source(next)
        && (a.source_port, a.destination_port, a.ack) == (b.source_port, b.destination_port, b.ack)
        && a.seq + a.payload.len() as u32 == b.seq
        && a.raw_options == b.raw_options
        && plain(&a)
        && !b.payload.is_empty()
        && !b.flags.intersects(odd)
        && next.time - last.time < Duration::millis(1)
        && last.data.len() + next.data.len() < 60_000
}

fn append(last: &mut Frame, next: &Frame) {
    let payload = tcp(next)
        .map(|(_, segment)| segment.payload.to_vec())
        .unwrap_or_default();
    last.data.extend(payload);
    last.original_len = last.data.len() as u32;
    let total = (last.data.len() as u16).to_be_bytes();
    last.data[2..4].copy_from_slice(&total);
    last.data[10..12].fill(0);
    let header = usize::from(last.data[0] & 15) * 4;
    let sum = Sum::default().add(&last.data[..header]).checksum();
    last.data[10..12].copy_from_slice(&sum.to_be_bytes());
    offload(last);
}

#[rstest]
#[case::lost_frames(loses_frames)]
#[case::a_lost_stretch(loses_a_stretch)]
#[case::a_late_beginning(begins_late)]
#[case::an_early_end(ends_early)]
#[case::slices(is_sliced)]
#[case::copies(sees_twice)]
#[case::a_clock_set_back(steps_back)]
#[case::a_coarse_clock(ticks_coarsely)]
#[case::one_side(hears_one_side)]
#[case::offloaded_checksums(leaves_checksums_to_hardware)]
#[case::merged_segments(merges_segments)]
#[case::the_air(is_overheard)]
#[case::the_air_on_both_sides(is_overheard_twice)]
fn is_not_blamed_on_a_stack(#[case] spoil: fn(&mut Vec<Frame>, &mut Dice)) {
    let seeds: u64 = std::env::var("ARTEFACT_SEEDS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(10);
    let mut complaints = Vec::new();
    for path in pcaps() {
        let frames = load(&path);
        let before: BTreeSet<_> = broken(&frames).into_iter().map(|(id, _)| id).collect();
        for seed in 0..seeds {
            let mut spoilt = frames.clone();
            spoil(&mut spoilt, &mut Dice(seed));
            for (id, proof) in broken(&spoilt).into_iter().filter(|(id, _)| !before.contains(id)) {
                let name = path.file_name().unwrap_or_default().display().to_string();
                complaints.push(format!("{name}, seed {seed}: {id} {proof}"));
            }
        }
    }
    assert!(
        complaints.is_empty(),
        "{} accusations:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}
