//! The state of checks that watch whole hosts: rows as in the book, so bounded as it is.

use crate::verdict::{Book, EndpointIndex, Judge, Scene};
use std::net::IpAddr;
use wire::{FrameNumber, Instant};

/// Checks of type `C` per endpoint row.
pub(crate) struct Hosts<C> {
    checks: Vec<Option<Box<C>>>,
    /// Rows found lately, each at a place that its address gives: conversations go to and fro.
    lately: [Option<(IpAddr, EndpointIndex)>; LATELY],
}

const LATELY: usize = 64;

/// Where `address` stands in the table of rows found lately; only speed depends on it.
#[inline]
fn place(address: &IpAddr) -> usize {
    let last = match *address {
        IpAddr::V4(address) => u32::from(address),
        IpAddr::V6(address) => u128::from(address) as u32,
    };
    (last.wrapping_mul(0x9e37_79b1) >> 26) as usize % LATELY
}

impl<C> Default for Hosts<C> {
    fn default() -> Hosts<C> {
        Hosts {
            checks: Vec::new(),
            lately: [None; LATELY],
        }
    }
}

impl<C: Default> Hosts<C> {
    /// Lets the checks of `judged` speak of a packet; `peer` is the other address.
    #[inline]
    pub fn tell(
        &mut self,
        (judged, peer): (&IpAddr, &IpAddr),
        (frame, time): (FrameNumber, Instant),
        book: &mut Book,
        event: impl FnOnce(&mut C, &mut Judge<'_>),
    ) {
        let lately = &mut self.lately[place(judged)];
        let endpoint = match lately {
            Some((address, endpoint)) if address == judged => *endpoint,
            _ => lately.insert((*judged, book.endpoint(*judged))).1,
        };
        let row = usize::from(endpoint.0);
        if self.checks.len() <= row {
            self.checks.resize_with(row + 1, || None);
        }
        let scene = Scene {
            endpoint,
            source: (judged, 0),
            destination: (peer, 0),
            frame,
            time,
        };
        if let (Some(checks), Some(mut judge)) = (self.checks.get_mut(row), Judge::new(book, scene)) {
            event(checks.get_or_insert_default(), &mut judge);
        }
    }
}
