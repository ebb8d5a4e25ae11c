//! DNS over TCP: cuts the streams of port 53 into messages.

use super::exchange::PORT;
use super::{Over, Resolver};
use crate::in_order::InOrder;
use crate::net::Packet;
use crate::tracker::{ConnectionId, Segment};
use crate::verdict::Book;
use hashbrown::HashMap;
use wire::dns::Message;
use wire::dns::tcp::Framer;
use wire::tcp::Flags;

/// Connections read at once; further ones are not read.
const MAX_READ: usize = 256;

struct Conversation {
    order: InOrder,
    /// The client's stream, the server's.
    framers: [Framer; 2],
    /// The server has sent data.
    answered: bool,
}

/// DNS over TCP in one capture.
#[derive(Default)]
pub(crate) struct DnsStreams {
    read: HashMap<ConnectionId, Conversation>,
}

impl DnsStreams {
    /// Takes a segment of `connection`: its streams are read from the client's SYN on.
    #[inline]
    pub fn segment(
        &mut self,
        connection: ConnectionId,
        at: &Packet<'_>,
        segment: &Segment<'_>,
        resolver: &mut Resolver,
        book: &mut Book,
    ) {
        if segment.destination_port == PORT || segment.source_port == PORT {
            self.read(connection, at, segment, resolver, book);
        }
    }

    fn read(
        &mut self,
        id: ConnectionId,
        at: &Packet<'_>,
        segment: &Segment<'_>,
        resolver: &mut Resolver,
        book: &mut Book,
    ) {
        let flags = segment.flags;
        if flags.syn() && !flags.ack() && segment.destination_port == PORT && self.read.len() < MAX_READ {
            self.read.insert(
                id,
                Conversation {
                    order: InOrder::new(segment.seq + 1),
                    framers: Default::default(),
                    answered: false,
                },
            );
        }
        let Some(conversation) = self.read.get_mut(&id) else {
            return;
        };
        let whole = segment.payload_len == 0 || conversation.take(at, segment, resolver, book);
        if !whole || flags.intersects(Flags::FIN.with(Flags::RST)) {
            self.read.remove(&id);
        }
    }
}

impl Conversation {
    /// False once the stream cannot be read on.
    fn take(&mut self, at: &Packet<'_>, segment: &Segment<'_>, resolver: &mut Resolver, book: &mut Book) -> bool {
        let side = usize::from(segment.source_port == PORT);
        let Ok(fresh) = self.order.fresh(side, segment) else {
            return false;
        };
        let ports = (segment.source_port, segment.destination_port);
        let first = side == 1 && !std::mem::replace(&mut self.answered, true);
        if first && resolver.unframed(at, ports, fresh, book) {
            return false;
        }
        let Some(framer) = self.framers.get_mut(side) else {
            return false;
        };
        framer.push(fresh, |bytes| {
            if let Ok(message) = Message::parse(bytes) {
                resolver.message(at, ports, Over::Tcp, &message, bytes.len() as u32, book);
            }
        });
        true
    }
}
