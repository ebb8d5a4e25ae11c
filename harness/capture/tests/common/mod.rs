//! Captures put together byte by byte, so that they can be wrong in any way.
#![allow(dead_code, reason = "each test binary uses a part")]

use capture::{Capture, CaptureError};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    Big,
    Little,
}

impl Order {
    pub fn u16(self, value: u16) -> [u8; 2] {
        if self == Order::Big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    pub fn u32(self, value: u32) -> [u8; 4] {
        if self == Order::Big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    pub fn u64(self, value: u64) -> [u8; 8] {
        if self == Order::Big {
            value.to_be_bytes()
        } else {
            value.to_le_bytes()
        }
    }

    pub fn words(self, values: &[u32]) -> Vec<u8> {
        values.iter().flat_map(|value| self.u32(*value)).collect()
    }

    /// A pcap file header of version 2.4.
    pub fn pcap(self, magic: u32, snap_len: u32, network: u32) -> Vec<u8> {
        self.pcap_version(magic, (2, 4), snap_len, network)
    }

    pub fn pcap_version(self, magic: u32, version: (u16, u16), snap_len: u32, network: u32) -> Vec<u8> {
        let versions = [self.u16(version.0), self.u16(version.1)].concat();
        [self.words(&[magic]), versions, self.words(&[0, 0, snap_len, network])].concat()
    }

    /// A pcapng block around `body`, which is padded.
    pub fn block(self, kind: u32, body: &[u8]) -> Vec<u8> {
        let mut padded = body.to_vec();
        padded.resize(body.len().next_multiple_of(4), 0);
        let len = self.u32(padded.len() as u32 + 12);
        [&self.u32(kind)[..], &len, &padded, &len].concat()
    }

    pub fn section(self) -> Vec<u8> {
        let version = [self.u16(1), self.u16(0)].concat();
        self.block(
            0x0a0d_0d0a,
            &[self.words(&[0x1a2b_3c4d]), version, vec![0xff; 8]].concat(),
        )
    }

    pub fn interface(self, link: u16, snap_len: u32, options: &[u8]) -> Vec<u8> {
        self.block(
            1,
            &[&self.u16(link)[..], &[0, 0], &self.u32(snap_len), options].concat(),
        )
    }

    pub fn option(self, code: u16, value: &[u8]) -> Vec<u8> {
        let mut padded = value.to_vec();
        padded.resize(value.len().next_multiple_of(4), 0);
        [&self.u16(code)[..], &self.u16(value.len() as u16), &padded].concat()
    }

    pub fn enhanced(self, interface: u32, units: u64, original: u32, data: &[u8]) -> Vec<u8> {
        let fixed = self.words(&[
            interface,
            (units >> 32) as u32,
            units as u32,
            data.len() as u32,
            original,
        ]);
        self.block(6, &[fixed, data.to_vec()].concat())
    }

    pub fn simple(self, original: u32, data: &[u8]) -> Vec<u8> {
        self.block(3, &[&self.u32(original)[..], data].concat())
    }
}

/// What a test compares of a frame.
#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub number: u32,
    pub time: Option<i64>,
    pub link: u32,
    pub interface: u32,
    pub original_len: u32,
    pub data: Vec<u8>,
    pub snapped: bool,
}

/// A whole packet on interface 0 of link type 1.
pub fn seen(number: u32, time: i64, data: &[u8]) -> Seen {
    let original_len = data.len() as u32;
    Seen {
        number,
        time: Some(time),
        link: 1,
        interface: 0,
        original_len,
        data: data.to_vec(),
        snapped: false,
    }
}

pub fn open(bytes: impl Into<Vec<u8>>) -> Result<Capture, CaptureError> {
    Capture::from_reader("trace.pcap", std::io::Cursor::new(bytes.into()))
}

/// All frames, and the error at the end if there is one.
pub fn read(bytes: impl Into<Vec<u8>>) -> (Vec<Seen>, Option<String>) {
    match open(bytes) {
        Ok(mut capture) => drain(&mut capture),
        Err(error) => (Vec::new(), Some(error.to_string())),
    }
}

pub fn drain(capture: &mut Capture) -> (Vec<Seen>, Option<String>) {
    let mut frames = Vec::new();
    loop {
        match capture.next_frame() {
            Ok(Some(frame)) => frames.push(Seen {
                number: frame.number.0,
                time: frame.time.map(|time| time.0),
                link: frame.link.0,
                interface: frame.interface,
                original_len: frame.original_len,
                data: frame.data.to_vec(),
                snapped: frame.snapped,
            }),
            Ok(None) => return (frames, None),
            Err(error) => {
                assert!(
                    matches!(capture.next_frame(), Ok(None)),
                    "after an error there is nothing more"
                );
                return (frames, Some(error.to_string()));
            }
        }
    }
}
