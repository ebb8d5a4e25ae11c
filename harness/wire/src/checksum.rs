//! The Internet checksum, RFC 1071.

use std::net::IpAddr;

/// Octets from which on a piece is summed in the machine's own byte order.
const LONG: usize = 64;

/// A running one's-complement sum of 16-bit words, not yet folded.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sum(u64);

impl Sum {
    #[allow(clippy::should_implement_trait)] // sums are added to, as RFC 1071 says it
    /// Adds `bytes` as big-endian 16-bit words, an odd last byte padded with zero on the right (RFC 1071 section 1).
    /// Only the last piece of a message may have an odd length.
    #[inline]
    pub fn add(mut self, bytes: &[u8]) -> Sum {
        // RFC 1071 section 2 (C): wider words may be summed and folded at the end. Section 2 (B): in the machine's own order, and
        // turned round then; that pays for long pieces, which compilers turn into vector instructions.
        let (long, short) = if bytes.len() >= LONG {
            bytes.split_at(bytes.len() & !7)
        } else {
            (&[][..], bytes)
        };
        if !long.is_empty() {
            // The words, wrapping, and their upper halves: what the lower halves come to follows from these two. That is one operation
            // less for each word than to cut both halves out.
            let (words, upper) = (long.as_chunks().0.iter().map(|word| u64::from_ne_bytes(*word)))
                .fold((0u64, 0u64), |(words, upper), word| {
                    (words.wrapping_add(word), upper + (word >> 32))
                });
            let sum = words.wrapping_sub(upper << 32) + upper;
            self.0 += u64::from(u16::from_be(Sum(sum).fold()));
        }
        let mut words = short.chunks_exact(4);
        for word in &mut words {
            self.0 += u64::from(u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
        }
        self.0 += u64::from(match *words.remainder() {
            [a, b, c] => u32::from_be_bytes([a, b, c, 0]),
            [a, b] => u32::from_be_bytes([a, b, 0, 0]),
            [a] => u32::from_be_bytes([a, 0, 0, 0]),
            _ => 0,
        });
        self
    }

    #[inline]
    pub fn add_u16(mut self, word: u16) -> Sum {
        self.0 += u64::from(word);
        self
    }

    /// The pseudo-header of RFC 9293 section 3.1 (IPv4) or RFC 8200 section 8.1 (IPv6).
    /// Addresses of different families contribute each their own bytes.
    #[inline]
    pub fn pseudo_header(self, source: IpAddr, destination: IpAddr, protocol: u8, length: u32) -> Sum {
        let mut sum = self;
        for address in [source, destination] {
            sum = match address {
                IpAddr::V4(a) => sum.add(&a.octets()),
                IpAddr::V6(a) => sum.add(&a.octets()),
            };
        }
        sum.add(&length.to_be_bytes()).add_u16(u16::from(protocol))
    }

    /// The 16-bit one's-complement sum, not inverted.
    #[inline]
    pub fn fold(self) -> u16 {
        let mut sum = self.0;
        while sum > 0xffff {
            sum = (sum & 0xffff) + (sum >> 16);
        }
        sum as u16
    }

    /// The checksum: the inverted sum.
    #[inline]
    pub fn checksum(self) -> u16 {
        !self.fold()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_and_short_pieces_give_the_same_sum() {
        let bytes: Vec<u8> = (0..1461u32).map(|at| (at * 7 + at / 251) as u8).collect();
        for length in [LONG, LONG + 1, LONG + 2, LONG + 3, 1460, 1461] {
            let whole = Sum::default().add(&bytes[..length]);
            let pieces = bytes[..length].chunks(4).fold(Sum::default(), Sum::add);
            assert_eq!(whole.fold(), pieces.fold(), "{length}");
        }
        let nothing = Sum::default().add(&[0; 100]);
        assert_eq!(nothing.fold(), 0);
    }

    /// The worked example of RFC 1071 section 3.
    #[test]
    fn rfc_1071_example() {
        let sum = Sum::default().add(&[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]);
        assert_eq!(sum.fold(), 0xddf2);
    }
}
