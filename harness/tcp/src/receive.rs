//! The receiving half: what has arrived, in order or not, and the window that is offered (RFC 9293 sections 3.8.6 and 3.10.7.4).

use std::collections::VecDeque;
use wire::SeqNumber;
use wire::tcp::SackBlock;

/// Blocks that are remembered for SACK; an option has room for four (RFC 2018 section 3).
const MAX_BLOCKS: usize = 16;

/// What a segment's text turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// Nothing of it was new.
    Duplicate,
    /// It advanced RCV.NXT; `filled` where data above it was waiting.
    InOrder { filled: bool },
    /// It waits above a gap.
    AboveGap,
}

#[derive(Debug)]
pub(crate) struct Receiver {
    /// RCV.NXT.
    pub nxt: SeqNumber,
    /// The first octet of the peer's stream.
    pub begins: SeqNumber,
    /// The right edge of the window as it was offered: RCV.NXT + RCV.WND. It never moves back (SHLD-14).
    edge: SeqNumber,
    buffer: VecDeque<u8>,
    capacity: usize,
    pub shift: u8,
    /// Window scale is in use: the shift is offered on a SYN-ACK even where it is zero.
    pub scales: bool,
    /// Pieces above RCV.NXT, by sequence number.
    waiting: Vec<(SeqNumber, Vec<u8>)>,
    /// What they cover, the block that grew last first (RFC 2018 section 4).
    blocks: Vec<SackBlock>,
    /// The sequence number of the peer's FIN.
    pub fin: Option<SeqNumber>,
}

impl Receiver {
    pub fn new(capacity: usize) -> Receiver {
        Receiver {
            nxt: SeqNumber(0),
            begins: SeqNumber(0),
            edge: SeqNumber(0),
            buffer: VecDeque::new(),
            capacity,
            shift: 0,
            scales: false,
            waiting: Vec::new(),
            blocks: Vec::new(),
            fin: None,
        }
    }

    /// The shift that lets the whole buffer be offered (RFC 7323 section 2.3).
    pub fn wanted_shift(&self) -> u8 {
        (0..14).find(|shift| self.capacity >> shift <= 65_535).unwrap_or(14)
    }

    /// The shift for a SYN-ACK; none where the SYN offered none (RFC 7323 section 2.2).
    pub fn shift_offered(&self) -> Option<u8> {
        self.scales.then_some(self.shift)
    }

    /// The peer's SYN came: its data begins behind it.
    pub fn begin(&mut self, irs: SeqNumber) {
        (self.nxt, self.begins) = (irs + 1, irs + 1);
        self.edge = self.nxt + self.capacity.min(65_535) as u32;
    }

    /// RCV.WND.
    pub fn window(&self) -> u32 {
        self.edge.since(self.nxt).max(0) as u32
    }

    /// It lies below the right edge of the window.
    pub fn has_room_at(&self, at: SeqNumber) -> bool {
        at < self.edge
    }

    /// Section 3.10.7.4, first: the four cases of acceptability.
    pub fn is_acceptable(&self, seq: SeqNumber, len: u32) -> bool {
        let window = self.window();
        let inside = |at: SeqNumber| at >= self.nxt && at < self.edge;
        match (len, window) {
            (0, 0) => seq == self.nxt,
            (0, _) => inside(seq),
            (_, 0) => false,
            _ => inside(seq) || inside(seq + (len - 1)),
        }
    }

    /// Takes text, trimmed to the window.
    pub fn take(&mut self, seq: SeqNumber, text: &[u8]) -> Text {
        let ahead = self.nxt.since(seq).max(0) as usize;
        let text = text.get(ahead..).unwrap_or_default();
        let seq = seq.max(self.nxt);
        let room = self.edge.since(seq).max(0) as usize;
        let text = &text[..text.len().min(room)];
        if text.is_empty() {
            return Text::Duplicate;
        }
        if seq == self.nxt {
            self.append(text);
            let filled = !self.waiting.is_empty();
            self.absorb();
            return Text::InOrder { filled };
        }
        if let Some(at) = self.known(seq, seq + text.len() as u32) {
            // RFC 2018 section 4: the block with the segment that asks for an answer comes first (RFC 2883 section 4: behind
            // the duplicate's own).
            let block = self.blocks.remove(at);
            self.blocks.insert(0, block);
            return Text::Duplicate;
        }
        let at = self.waiting.partition_point(|(other, _)| *other < seq);
        self.waiting.insert(at, (seq, text.to_vec()));
        self.note(seq, seq + text.len() as u32);
        Text::AboveGap
    }

    fn append(&mut self, text: &[u8]) {
        self.buffer.extend(text);
        self.nxt += text.len() as u32;
    }

    /// Section 3.10.7.4: segments that were held are processed once the gap before them is filled.
    fn absorb(&mut self) {
        while let Some((seq, _)) = self.waiting.first().filter(|(seq, _)| *seq <= self.nxt) {
            let behind = self.nxt.since(*seq) as usize;
            let (_, text) = self.waiting.remove(0);
            if let Some(fresh) = text.get(behind..) {
                self.append(fresh);
            }
        }
        let nxt = self.nxt;
        self.blocks.retain(|block| block.right > nxt);
    }

    /// The block that holds all of this.
    fn known(&self, left: SeqNumber, right: SeqNumber) -> Option<usize> {
        self.blocks
            .iter()
            .position(|block| block.left <= left && right <= block.right)
    }

    /// The first part of this that has come before, in order or not.
    pub fn known_part(&self, first: SeqNumber, right: SeqNumber) -> Option<SackBlock> {
        let left = first.max(self.begins);
        // Half the numbers away nothing has an order.
        if !(0..=right.since(first)).contains(&left.since(first)) {
            return None;
        }
        let end = if left < self.nxt {
            Some(self.nxt)
        } else {
            let holds_left = |block: &&SackBlock| block.left <= left && left < block.right;
            self.blocks.iter().find(holds_left).map(|block| block.right)
        };
        let right = right.min(end?);
        (left < right).then_some(SackBlock { left, right })
    }

    fn note(&mut self, mut left: SeqNumber, mut right: SeqNumber) {
        self.blocks.retain(|block| {
            let apart = block.right < left || block.left > right;
            if !apart {
                (left, right) = (left.min(block.left), right.max(block.right));
            }
            apart
        });
        self.blocks.insert(0, SackBlock { left, right });
        self.blocks.truncate(MAX_BLOCKS);
    }

    /// RFC 2018 section 4: the block that grew last first, the others by how recently they were reported first.
    pub fn blocks(&self) -> &[SackBlock] {
        &self.blocks
    }

    /// Octets for the application.
    pub fn readable(&self) -> usize {
        self.buffer.len()
    }

    /// Moves up to `out.len()` octets to the application.
    pub fn read(&mut self, out: &mut [u8]) -> usize {
        let count = out.len().min(self.buffer.len());
        let (first, second) = self.buffer.as_slices();
        let split = count.min(first.len());
        let (low, high) = out[..count].split_at_mut(split);
        low.copy_from_slice(&first[..split]);
        high.copy_from_slice(&second[..count - split]);
        self.buffer.drain(..count);
        count
    }

    /// Section 3.8.6.2.2: the edge moves when it can move by a full segment or half the buffer. True when it moved.
    pub fn open(&mut self, mss: u32) -> bool {
        // No more than the field can say.
        let free = self
            .capacity
            .saturating_sub(self.buffer.len())
            .min(65_535 << self.shift) as u32;
        let gain = (self.nxt + free).since(self.edge);
        let worth = (self.capacity as u32 / 2).min(mss);
        let moves = gain > 0 && gain as u32 >= worth;
        if moves {
            self.edge = self.nxt + free;
        }
        moves
    }

    /// SEG.WND as it goes into the header: rounded up where rounding down would take back what was offered.
    /// What it says is taken, so that RCV.WND is what the peer reads (RFC 7323 section 2.3).
    pub fn field(&mut self, is_syn: bool) -> u16 {
        let shift = if is_syn { 0 } else { self.shift };
        let field = self.window().div_ceil(1 << shift).min(65_535);
        self.edge = self.edge.max(self.nxt + (field << shift));
        field as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receiver() -> Receiver {
        let mut receiver = Receiver::new(1000);
        receiver.begin(SeqNumber(0xffff_ff00));
        receiver
    }

    #[test]
    fn text_above_a_gap_waits_for_what_fills_it() {
        let mut receiver = receiver();
        let start = receiver.nxt;
        assert_eq!(receiver.take(start + 10, &[2; 10]), Text::AboveGap);
        assert_eq!(
            receiver.blocks(),
            [SackBlock {
                left: start + 10,
                right: start + 20
            }]
        );
        assert_eq!(receiver.take(start, &[1; 12]), Text::InOrder { filled: true });
        assert_eq!((receiver.readable(), receiver.nxt), (20, start + 20));
        assert!(receiver.blocks().is_empty());
    }

    #[test]
    fn the_edge_never_moves_back() {
        let mut receiver = receiver();
        let edge = receiver.nxt + receiver.window();
        let start = receiver.nxt;
        receiver.take(start, &[0; 600]);
        assert_eq!(receiver.nxt + receiver.window(), edge);
        receiver.read(&mut [0; 100]);
        assert!(!receiver.open(536), "a hundred octets are not worth an update");
        receiver.read(&mut [0; 500]);
        assert!(receiver.open(536));
    }
}
