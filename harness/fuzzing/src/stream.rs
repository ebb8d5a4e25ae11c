//! What either end sent, and whether what the other got is that: octets, their order, and the end of the stream.

use wire::SeqNumber;

/// Segments of the peer that are remembered; the player sends fewer.
const MAX_PIECES: usize = 4096;

/// The octet that the peer sends at a sequence number, however often, in whatever piece.
pub fn octet(seq: SeqNumber) -> u8 {
    (seq.0.wrapping_mul(0x9e37_79b1) >> 24) as u8
}

pub fn octets(from: SeqNumber, count: u32) -> Vec<u8> {
    (0..count).map(|at| octet(from + at)).collect()
}

/// What the stack's application writes: its `at`-th octet, from 0.
pub fn written(at: u32, count: u32) -> Vec<u8> {
    octets(SeqNumber(at), count)
}

/// Everything that the peer sent on a four-tuple, in whatever order.
#[derive(Debug, Clone, Default)]
pub struct Sent {
    /// Numbers of its SYNs: a four-tuple may be used again.
    isns: Vec<SeqNumber>,
    pieces: Vec<(SeqNumber, u32)>,
    fins: Vec<SeqNumber>,
}

impl Sent {
    pub fn syn(&mut self, seq: SeqNumber) {
        if !self.isns.contains(&seq) {
            self.isns.push(seq);
        }
    }

    pub fn data(&mut self, seq: SeqNumber, len: u32) {
        if len > 0 && self.pieces.len() < MAX_PIECES {
            self.pieces.push((seq, len));
        }
    }

    pub fn fin(&mut self, seq: SeqNumber) {
        self.fins.push(seq);
    }

    /// Behind the last octet that can be had in order from `base` on.
    fn in_order(&self, base: SeqNumber) -> SeqNumber {
        let mut end = base;
        loop {
            let reaches = |&&(seq, len): &&(SeqNumber, u32)| seq <= end && seq + len > end;
            match self.pieces.iter().find(reaches) {
                Some(&(seq, len)) => end = seq + len,
                None => return end,
            }
        }
    }
}

/// What the stack's application has read on one connection.
#[derive(Debug, Clone, Default)]
pub struct Read {
    count: u32,
    /// First octets of the streams that this may be.
    bases: Option<Vec<SeqNumber>>,
    /// Behind the last octet that was sent in order, where that was looked up last.
    known: Option<(SeqNumber, SeqNumber)>,
}

impl Read {
    fn candidates(&mut self, sent: &Sent) -> Vec<SeqNumber> {
        self.bases
            .take()
            .unwrap_or_else(|| sent.isns.iter().map(|&isn| isn + 1).collect())
    }

    /// The application was given these; or what is wrong with them.
    pub fn take(&mut self, octets: &[u8], sent: &Sent) -> Result<(), String> {
        let mut bases = self.candidates(sent);
        let count = self.count;
        bases.retain(|&base| {
            let right = |(at, &seen): (usize, &u8)| seen == octet(base + count + at as u32);
            octets.iter().enumerate().all(right)
        });
        self.count += octets.len() as u32;
        if bases.is_empty() {
            return Err(format!(
                "octets {count} to {} are not those that were sent there",
                self.count
            ));
        }
        let all = self.count;
        bases.retain(|&base| self.reaches(base, all, sent));
        if bases.is_empty() {
            return Err(format!(
                "{all} octets were delivered, and not all of them had been sent"
            ));
        }
        self.bases = Some(bases);
        Ok(())
    }

    fn reaches(&mut self, base: SeqNumber, count: u32, sent: &Sent) -> bool {
        let goal = base + count;
        if !self.known.is_some_and(|(of, end)| of == base && end >= goal) {
            self.known = Some((base, sent.in_order(base)));
        }
        self.known.is_some_and(|(_, end)| end >= goal)
    }

    /// The application was told that nothing more comes; or why that is wrong.
    pub fn end(&mut self, sent: &Sent) -> Result<(), String> {
        let mut bases = self.candidates(sent);
        let count = self.count;
        bases.retain(|&base| sent.fins.contains(&(base + count)));
        if bases.is_empty() {
            return Err(format!(
                "the end was told behind octet {count}, where no FIN had been sent"
            ));
        }
        self.bases = Some(bases);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer() -> Sent {
        let mut sent = Sent::default();
        sent.syn(SeqNumber(u32::MAX - 1));
        sent.data(SeqNumber(u32::MAX), 10);
        sent.data(SeqNumber(u32::MAX) + 20, 10);
        sent
    }

    #[test]
    fn octets_in_order_are_a_prefix() {
        let mut read = Read::default();
        assert_eq!(read.take(&octets(SeqNumber(u32::MAX), 4), &peer()), Ok(()));
        assert_eq!(read.take(&octets(SeqNumber(3), 6), &peer()), Ok(()));
    }

    #[test]
    fn octets_beyond_a_gap_are_not() {
        let mut read = Read::default();
        assert!(read.take(&octets(SeqNumber(u32::MAX), 11), &peer()).is_err());
    }

    #[test]
    fn other_octets_are_not() {
        assert!(Read::default().take(&octets(SeqNumber(0), 4), &peer()).is_err());
    }

    #[test]
    fn the_end_is_where_a_fin_was_sent() {
        let mut sent = peer();
        let mut read = Read::default();
        assert_eq!(read.take(&octets(SeqNumber(u32::MAX), 10), &sent), Ok(()));
        assert!(read.clone().end(&sent).is_err());
        sent.fin(SeqNumber(u32::MAX) + 10);
        assert_eq!(read.end(&sent), Ok(()));
    }
}
