//! What is odd in a capture but does not keep it from being read.

use wire::FrameNumber;

/// One oddity; reading went on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// Reported once for a capture: files with one such packet usually have thousands.
    #[error("frame {frame}: {found} bytes captured, more than the snap length {snap_len} of the header")]
    LongerThanSnapLength {
        frame: FrameNumber,
        found: u32,
        snap_len: u32,
    },
    #[error("frame {frame}: {captured} bytes captured of a packet of {original}")]
    LongerThanOriginal {
        frame: FrameNumber,
        captured: u32,
        original: u32,
    },
    #[error("frame {frame}: fraction of a second is {found}, at most {most}")]
    FractionOfSecond { frame: FrameNumber, found: u32, most: u32 },
    #[error("byte {offset}: block length {found} is not a multiple of 4; read as {used}")]
    UnalignedBlock { offset: u64, found: u32, used: u32 },
    #[error("byte {offset}: options of an interface description cannot be read further; those before them hold")]
    InterfaceOptions { offset: u64 },
}

/// The first oddities of a capture, and how many there were: a file may consist of nothing else.
#[derive(Debug, Clone, Default)]
pub struct Warnings {
    kept: Vec<Warning>,
    total: u64,
}

impl Warnings {
    /// The first ones, in the order of the file, at most [`MOST_KEPT`].
    pub fn kept(&self) -> &[Warning] {
        &self.kept
    }

    /// All that occurred, kept or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn push(&mut self, warning: Warning) {
        self.total += 1;
        if self.kept.len() < MOST_KEPT {
            self.kept.push(warning);
        }
    }
}

const MOST_KEPT: usize = 100;
