//! DNS messages: what could be read is written, with and without compression, and read again as the same.

use crate::pieces::pieces;
use wire::dns::emit::Builder;
use wire::dns::tcp::Framer;
use wire::dns::{Message, NameBuf, Question, Record};

pub fn dns(octets: &[u8]) {
    framing(octets);
    let Ok(message) = Message::parse(octets) else { return };
    message.rcode();
    message.data_error();
    for name in message.questions().map(|question| question.name) {
        let text = name.to_string();
        let again: NameBuf = text.parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        assert!(again == name, "{text}");
        assert_eq!(again.wire().len(), name.wire_len());
    }
    if message.error().is_none() {
        for builder in [Builder::new(0, 0), Builder::new(0, 0).compressed()] {
            is_the_same(&message, &builder.copy(&message).build());
        }
    }
}

fn is_the_same(message: &Message<'_>, written: &[u8]) {
    let again = Message::parse(written).expect("a header");
    assert_eq!((again.header, again.error()), (message.header, None));
    assert!(again.surplus().is_empty());
    let question = |one: Question<'_>| (NameBuf::from(one.name), one.kind, one.class);
    assert!(again.questions().map(question).eq(message.questions().map(question)));
    let record = |one: Record<'_>| {
        (
            NameBuf::from(one.name),
            one.kind,
            one.class,
            one.ttl,
            one.section,
            one.index,
        )
    };
    assert!(again.records().map(record).eq(message.records().map(record)));
    for (one, two) in message.records().zip(again.records()) {
        // Data that could not be read is copied as it stands, and its pointers then lead elsewhere.
        if let Ok(data) = one.data() {
            assert_eq!(two.data(), Ok(data));
        }
    }
}

/// The messages of a stream do not depend on how it arrives.
fn framing(octets: &[u8]) {
    let messages = |pieces: &[&[u8]]| {
        let (mut framer, mut all) = (Framer::default(), Vec::new());
        for bytes in pieces {
            framer.push(bytes, |message| all.push(message.to_vec()));
        }
        (all, framer.pending().to_vec(), framer.wanted())
    };
    let whole = messages(&[octets]);
    assert_eq!(messages(&pieces(octets)), whole);
    let mut written = Vec::new();
    for message in &whole.0 {
        wire::dns::tcp::emit(message, &mut written);
    }
    written.extend(&whole.1);
    assert_eq!(written, octets);
}
