//! The state of checks that watch whole hosts: rows as in the book, so bounded as it is.

use crate::net::Packet;
use crate::verdict::{Book, EndpointIndex, Flow, Judge, Scene};
use std::net::IpAddr;

/// Checks of type `C` per endpoint row.
#[derive(Default)]
pub(crate) struct Hosts<C> {
    checks: Vec<Option<Box<C>>>,
    /// The last address looked up: datagrams come in runs.
    last: Option<(IpAddr, EndpointIndex)>,
}

impl<C: Default> Hosts<C> {
    /// Lets the checks of `judged` speak; `peer` is the other address.
    #[inline]
    pub fn tell(
        &mut self,
        (judged, peer): (IpAddr, IpAddr),
        at: &Packet<'_>,
        book: &mut Book,
        event: impl FnOnce(&mut C, &mut Judge<'_>),
    ) {
        let endpoint = match self.last {
            Some((address, endpoint)) if address == judged => endpoint,
            _ => book.endpoint(judged),
        };
        self.last = Some((judged, endpoint));
        let row = usize::from(endpoint.0);
        if self.checks.len() <= row {
            self.checks.resize_with(row + 1, || None);
        }
        let scene = Scene {
            endpoint,
            flow: Flow {
                source: (judged, 0),
                destination: (peer, 0),
            },
            frame: at.frame,
            time: at.time,
        };
        if let Some(checks) = self.checks.get_mut(row) {
            event(checks.get_or_insert_default(), &mut Judge::new(book, scene));
        }
    }
}
