//! Points in time and the gaps between them, in nanoseconds.

use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

/// Nanoseconds since the Unix epoch (captures) or since the start of a run (virtual time). Range: some 292 years either way;
/// arithmetic saturates, so that absurd timestamps in a file cannot overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Instant(pub i64);

/// A signed gap in nanoseconds: captures do contain clocks that step backwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Duration(pub i64);

impl Duration {
    pub const ZERO: Duration = Duration(0);
    pub const MAX: Duration = Duration(i64::MAX);

    pub const fn nanos(n: i64) -> Duration {
        Duration(n)
    }
    pub const fn micros(n: i64) -> Duration {
        Duration(n.saturating_mul(1_000))
    }
    pub const fn millis(n: i64) -> Duration {
        Duration(n.saturating_mul(1_000_000))
    }
    pub const fn secs(n: i64) -> Duration {
        Duration(n.saturating_mul(1_000_000_000))
    }
    pub const fn minutes(n: i64) -> Duration {
        Duration::secs(n.saturating_mul(60))
    }
    pub const fn hours(n: i64) -> Duration {
        Duration::minutes(n.saturating_mul(60))
    }
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }
    pub const fn abs(self) -> Duration {
        Duration(self.0.saturating_abs())
    }
}

impl Sub for Instant {
    type Output = Duration;
    #[inline]
    fn sub(self, earlier: Instant) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Duration> for Instant {
    type Output = Instant;
    #[inline]
    fn add(self, gap: Duration) -> Instant {
        Instant(self.0.saturating_add(gap.0))
    }
}

impl AddAssign<Duration> for Instant {
    #[inline]
    fn add_assign(&mut self, gap: Duration) {
        *self = *self + gap;
    }
}

impl Sub<Duration> for Instant {
    type Output = Instant;
    #[inline]
    fn sub(self, gap: Duration) -> Instant {
        Instant(self.0.saturating_sub(gap.0))
    }
}

impl Add for Duration {
    type Output = Duration;
    #[inline]
    fn add(self, other: Duration) -> Duration {
        Duration(self.0.saturating_add(other.0))
    }
}

impl Sub for Duration {
    type Output = Duration;
    #[inline]
    fn sub(self, other: Duration) -> Duration {
        Duration(self.0.saturating_sub(other.0))
    }
}

impl Neg for Duration {
    type Output = Duration;
    fn neg(self) -> Duration {
        Duration(self.0.saturating_neg())
    }
}

impl Mul<i64> for Duration {
    type Output = Duration;
    #[inline]
    fn mul(self, factor: i64) -> Duration {
        Duration(self.0.saturating_mul(factor))
    }
}

impl Div<i64> for Duration {
    type Output = Duration;
    /// A zero divisor gives zero: callers average over counts that may be none.
    #[inline]
    fn div(self, divisor: i64) -> Duration {
        Duration(self.0.checked_div(divisor).unwrap_or(0))
    }
}

impl std::fmt::Display for Duration {
    /// With the unit a person would choose: `850 us`, `12.3 ms`, `1.02 s`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let n = self.0.unsigned_abs();
        match n {
            0..1_000 => write!(f, "{} ns", self.0),
            1_000..1_000_000 => write!(f, "{:.3} us", self.0 as f64 / 1e3),
            1_000_000..1_000_000_000 => write!(f, "{:.3} ms", self.0 as f64 / 1e6),
            _ => write!(f, "{:.3} s", self.0 as f64 / 1e9),
        }
    }
}
