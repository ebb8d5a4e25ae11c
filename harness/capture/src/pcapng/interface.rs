//! Interface Description Blocks: link type, snap length, and how to read the times of its packets.
//!
//! Read here and not by pcap-file, which refuses the whole block, and with it the file, for a name that is not UTF-8, for a
//! reserved field that is not zero, for an address option of an odd length, and for resolutions finer than a nanosecond.

use wire::Instant;
use wire::link::LinkType;

use crate::error::{Fault, Problem};
use crate::order::Order;
use crate::warning::{Warning, Warnings};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Interface {
    pub link: LinkType,
    /// 0: no limit.
    pub snap_len: u32,
    clock: Clock,
}

/// How a 64-bit timestamp becomes a time.
#[derive(Debug, Clone, Copy)]
struct Clock {
    /// Nanoseconds per unit where that is a whole number, which needs no division.
    whole_ns: Option<u64>,
    units_per_second: u64,
    offset_ns: i64,
}

impl Interface {
    /// `body` is what lies between the lengths of the block; `offset` is where the block starts.
    pub fn read(body: &[u8], order: Order, offset: u64, warnings: &mut Warnings) -> Result<Interface, Fault> {
        let (Some(link), Some(snap_len)) = (order.u16_at(body, 0), order.u32_at(body, 4)) else {
            let (what, found) = ("length of the interface description block", body.len() as u64 + 12);
            return Err(Fault::new(offset, Problem::TooSmall { what, found, least: 20 }));
        };
        let mut options = Options {
            order,
            rest: body.get(FIXED_LEN..).unwrap_or_default(),
            damaged: false,
        };
        let (mut resolution, mut offset_seconds) = (MICROSECONDS, 0);
        for (code, value) in options.by_ref() {
            match (code, value) {
                (IF_TSRESOL, &[exponent]) => resolution = exponent,
                (IF_TSOFFSET, value) if value.len() == 8 => offset_seconds = order.i64_at(value, 0).unwrap_or(0),
                _ => {}
            }
        }
        if options.damaged {
            warnings.push(Warning::InterfaceOptions { offset });
        }
        let clock = Clock::new(resolution, offset_seconds).map_err(|problem| Fault::new(offset, problem))?;
        Ok(Interface {
            link: LinkType(u32::from(link)),
            snap_len,
            clock,
        })
    }

    #[inline]
    pub fn time(&self, units: u64) -> Instant {
        self.clock.time(units)
    }
}

impl Clock {
    /// draft-ietf-opsawg-pcapng section 4.2: with the top bit set, `resolution` is a negative power of 2, else of 10.
    fn new(resolution: u8, offset_seconds: i64) -> Result<Clock, Problem> {
        let exponent = u32::from(resolution & 0x7f);
        let (what, units) = match resolution & 0x80 {
            0 => ("power of 10 in if_tsresol", 10_u64.checked_pow(exponent)),
            _ => ("power of 2 in if_tsresol", 2_u64.checked_pow(exponent)),
        };
        let Some(units_per_second) = units else {
            let most = if resolution & 0x80 == 0 { 19 } else { 63 };
            return Err(Problem::TooLarge {
                what,
                found: u64::from(exponent),
                most,
            });
        };
        let whole_ns = (1_000_000_000 % units_per_second == 0).then(|| 1_000_000_000 / units_per_second);
        Ok(Clock {
            whole_ns,
            units_per_second,
            offset_ns: offset_seconds.saturating_mul(1_000_000_000),
        })
    }

    #[inline]
    fn time(&self, units: u64) -> Instant {
        let ns = match self.whole_ns {
            Some(ns) => units
                .checked_mul(ns)
                .and_then(|ns| i64::try_from(ns).ok())
                .unwrap_or(i64::MAX),
            None => self.divided(units),
        };
        Instant(ns.saturating_add(self.offset_ns))
    }

    fn divided(&self, units: u64) -> i64 {
        let ns = u128::from(units) * 1_000_000_000 / u128::from(self.units_per_second.max(1));
        i64::try_from(ns).unwrap_or(i64::MAX)
    }
}

/// Code, length, value, padding to 32 bits; until code 0 or the end of the block.
struct Options<'a> {
    order: Order,
    rest: &'a [u8],
    damaged: bool,
}

impl<'a> Iterator for Options<'a> {
    type Item = (u16, &'a [u8]);

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let option = self.split();
        if option.is_none() {
            self.damaged = !self.rest.is_empty();
            self.rest = &[];
        }
        option.filter(|(code, _)| *code != END_OF_OPTIONS)
    }
}

impl<'a> Options<'a> {
    fn split(&mut self) -> Option<(u16, &'a [u8])> {
        let code = self.order.u16_at(self.rest, 0)?;
        let len = usize::from(self.order.u16_at(self.rest, 2)?);
        let value = self.rest.get(4..4 + len)?;
        self.rest = self.rest.get(4 + len.next_multiple_of(4)..)?;
        Some((code, value))
    }
}

const FIXED_LEN: usize = 8;
const END_OF_OPTIONS: u16 = 0;
const IF_TSRESOL: u16 = 9;
const IF_TSOFFSET: u16 = 14;
/// Without if_tsresol, times are in microseconds.
const MICROSECONDS: u8 = 6;
