//! What either end sent, and whether what the other got is that: octets, their order, and the end of the stream.

use wire::SeqNumber;

/// Segments of the peer that are remembered; the player sends fewer.
const MAX_PIECES: usize = 4096;

/// How many different octets follow each other: a prime, so that an error by a round number shows.
const PERIOD: usize = 65_521;

static OCTETS: [u8; PERIOD] = {
    let mut pattern = [0; PERIOD];
    let mut at = 0;
    while at < PERIOD {
        pattern[at] = ((at as u32).wrapping_mul(0x9e37_79b1) >> 24) as u8;
        at += 1;
    }
    pattern
};

/// What the peer sends at a sequence number, however often, in whatever piece: a piece of at most `count` octets.
fn piece(from: SeqNumber, count: u32) -> &'static [u8] {
    let at = from.0 as usize % PERIOD;
    // Behind the last number stands the first.
    let until_wrap = (u32::MAX - from.0) as usize + 1;
    let len = (count as usize).min(PERIOD - at).min(until_wrap);
    OCTETS.get(at..at + len).unwrap_or_default()
}

/// All of them.
pub fn octets(mut from: SeqNumber, mut count: u32) -> Vec<u8> {
    let mut octets = Vec::with_capacity(count as usize);
    while count > 0 {
        let piece = piece(from, count);
        octets.extend_from_slice(piece);
        from += piece.len() as u32;
        count -= piece.len() as u32;
    }
    octets
}

/// Whether these are the ones.
fn stand_at(from: SeqNumber, seen: &[u8]) -> bool {
    let piece = piece(from, seen.len() as u32);
    match seen.split_at_checked(piece.len()) {
        Some((first, [])) => first == piece,
        Some((first, rest)) => first == piece && stand_at(from + piece.len() as u32, rest),
        None => false,
    }
}

/// Whether these are what the application wrote from its `at`-th octet on.
pub fn was_written(at: u32, seen: &[u8]) -> bool {
    stand_at(SeqNumber(at), seen)
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

    /// Whether this is one stream at most, with one end that nothing follows.
    pub fn is_one_stream(&self) -> bool {
        let end = self.fins.first();
        let one_end = self.fins.iter().all(|at| Some(at) == end);
        let nothing_behind = end.is_none_or(|&end| self.pieces.iter().all(|&(seq, len)| seq + len <= end));
        self.isns.len() <= 1 && one_end && nothing_behind
    }

    /// The number behind the first SYN.
    pub fn first(&self) -> Option<SeqNumber> {
        self.isns.first().map(|&isn| isn + 1)
    }

    /// The same as `in_order`, and the FIN if it stands there.
    pub fn in_order_with_end(&self, base: SeqNumber) -> SeqNumber {
        let end = self.in_order(base);
        end + u32::from(self.fins.contains(&end))
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
    /// Octets that it has got.
    pub fn count(&self) -> u32 {
        self.count
    }

    fn candidates(&mut self, sent: &Sent) -> Vec<SeqNumber> {
        self.bases
            .take()
            .unwrap_or_else(|| sent.isns.iter().map(|&isn| isn + 1).collect())
    }

    /// The application was given these; or what is wrong with them.
    pub fn take(&mut self, octets: &[u8], sent: &Sent) -> Result<(), String> {
        let mut bases = self.candidates(sent);
        let count = self.count;
        bases.retain(|&base| stand_at(base + count, octets));
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

    /// What will be read next, where there is no doubt about it.
    fn next(&self, sent: &Sent) -> Option<SeqNumber> {
        let base = match (self.bases.as_deref(), &sent.isns[..]) {
            (Some(&[base]), _) => base,
            (None, &[isn]) => isn + 1,
            _ => return None,
        };
        Some(base + self.count)
    }

    /// Whether everything up to a FIN was read, and the stack has acknowledged that FIN.
    pub fn is_over(&self, sent: &Sent, acked: SeqNumber) -> bool {
        let end = acked - 1;
        self.next(sent) == Some(end) && sent.fins.contains(&end)
    }

    /// Whether everything that the stack has acknowledged was read.
    pub fn has_all(&self, sent: &Sent, acked: SeqNumber) -> bool {
        self.next(sent) == Some(acked)
    }

    /// Whether the stack has acknowledged octets that were not read. Where a FIN stands among them it may have been acknowledged alone.
    pub fn is_behind(&self, sent: &Sent, acked: SeqNumber) -> bool {
        self.next(sent).is_some_and(|next| {
            let no_end = !sent.fins.iter().any(|&fin| fin >= next && fin < acked);
            acked > next && sent.in_order(next) > next && no_end
        })
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
