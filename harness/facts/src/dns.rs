//! DNS messages, told by their ports and counted by their QR bit.

/// DNS, multicast DNS (RFC 6762) and LLMNR (RFC 4795).
const PORTS: [u16; 3] = [53, 5353, 5355];

/// Queries and responses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    pub queries: u64,
    pub responses: u64,
}

pub fn is_dns(source_port: u16, destination_port: u16) -> bool {
    PORTS.contains(&source_port) || PORTS.contains(&destination_port)
}

/// RFC 1035 section 4.1.1: ID, then the octet whose first bit is QR.
pub fn datagram(payload: &[u8]) -> Count {
    let mut count = Count::default();
    if let Some(&[_, _, flags, _]) = payload.first_chunk::<4>() {
        count.add(flags);
    }
    count
}

/// A segment of a stream, read by itself; what begins in it counts though it is not whole.
pub fn alone(payload: &[u8]) -> Count {
    let mut reader = StreamReader::default();
    let mut count = reader.read(payload);
    if let Some(&flags) = reader.start.get(4) {
        count.add(flags);
    }
    count
}

impl Count {
    fn add(&mut self, flags: u8) {
        match flags & 0x80 {
            0 => self.queries += 1,
            _ => self.responses += 1,
        }
    }
}

/// Messages over TCP: each behind its length in two octets (RFC 1035 section 4.2.2).
#[derive(Debug, Default)]
pub struct StreamReader {
    /// Length, ID and the first flags octet, as far as they are here.
    start: arrayvec::ArrayVec<u8, 5>,
    /// Octets of the message still to come, behind `start`.
    left: usize,
}

impl StreamReader {
    /// Counts the messages that end in `bytes`.
    pub fn read(&mut self, mut bytes: &[u8]) -> Count {
        let mut count = Count::default();
        while !bytes.is_empty() {
            if !self.start.is_full() {
                let wanted = self.start.remaining_capacity().min(bytes.len());
                let (head, rest) = bytes.split_at(wanted);
                let _ = self.start.try_extend_from_slice(head);
                bytes = rest;
                if let [high, low, _, _, _] = *self.start {
                    self.left = usize::from(u16::from_be_bytes([high, low])).saturating_sub(3);
                }
            }
            if let Some(&flags) = self.start.get(4) {
                let taken = self.left.min(bytes.len());
                self.left -= taken;
                bytes = bytes.get(taken..).unwrap_or_default();
                if self.left == 0 {
                    count.add(flags);
                    self.start.clear();
                }
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const QUERY: [u8; 8] = [0, 6, 0xab, 0xcd, 0x01, 0, 0, 0];
    const RESPONSE: [u8; 8] = [0, 6, 0xab, 0xcd, 0x81, 0, 0, 0];

    #[rstest]
    #[case::octets_one_by_one(1)]
    #[case::three_at_a_time(3)]
    #[case::all_at_once(24)]
    fn messages_count_however_the_stream_is_cut(#[case] size: usize) {
        let stream = [QUERY, RESPONSE, QUERY].concat();
        let mut reader = StreamReader::default();
        let counts: Vec<Count> = stream.chunks(size).map(|segment| reader.read(segment)).collect();
        assert_eq!(counts.iter().map(|count| count.queries).sum::<u64>(), 2);
        assert_eq!(counts.iter().map(|count| count.responses).sum::<u64>(), 1);
    }

    #[test]
    fn a_message_that_is_not_whole_counts_only_by_itself() {
        let half = [0, 200, 0xab, 0xcd, 0x81, 0];
        assert_eq!(StreamReader::default().read(&half), Count::default());
        assert_eq!(alone(&half).responses, 1);
    }

    #[test]
    fn a_message_of_length_0_does_not_hold_up_the_reader() {
        let mut reader = StreamReader::default();
        reader.read(&[0; 64]);
    }
}
