//! DNS messages against hickory-proto.
//!
//! By design ours reads more, since requirements judge what a resolver may refuse:
//! - OPT, SIG and TSIG records in any section, and more than one; an OPT whose owner is not the root;
//! - data that does not fit its type is an error of that record alone, and types without a reader here are opaque; hickory refuses
//!   the message;
//! - labels behind a pointer that run into those that led to it;
//! - records without data, which hickory takes in updates alone (RFC 2136).
//!
//! Ours refuses a name of more than 127 pointers, which no name can need. Ours reads the data of A, AAAA and SRV in class IN only,
//! and none in the classes of RFC 2136.

use hickory_proto::op::{Message as Theirs, Metadata};
use hickory_proto::rr::{Name as TheirName, RData, Record as TheirRecord};
use hickory_proto::serialize::binary::DecodeError;
use wire::dns::{Class, Data, Message, Name, Problem, Record, Type};

pub fn dns(octets: &[u8]) {
    let Ok(ours) = Message::parse(octets) else {
        return assert!(Theirs::from_vec(octets).is_err(), "only ours refuses the header");
    };
    match Theirs::from_vec(octets) {
        Ok(theirs) => match ours.error() {
            None => compare(&ours, &theirs),
            Some(error) => assert_eq!(error.problem, Problem::PointerChain, "only ours refuses it: {error}"),
        },
        Err(DecodeError::LabelOverlapsWithOther { .. }) => {}
        // What hickory says of the same within data: it looks at the length before the error.
        Err(DecodeError::IncorrectRDataLengthRead { .. }) if ours.records().any(has_pointers) => {}
        Err(error) => assert!(!is_plain(&ours), "only hickory refuses it: {error}"),
    }
}

/// Nothing that the list above speaks of.
fn is_plain(message: &Message<'_>) -> bool {
    let known = [
        Type::A,
        Type::NS,
        Type::CNAME,
        Type::SOA,
        Type::PTR,
        Type::MX,
        Type::TXT,
        Type::AAAA,
        Type::SRV,
    ];
    let plain = |record: Record<'_>| {
        known.contains(&record.kind) && record.class == Class::IN && !record.rdata.is_empty() && record.data().is_ok()
    };
    message.error().is_none() && message.records().all(plain)
}

fn has_pointers(record: Record<'_>) -> bool {
    match record.data() {
        Ok(Data::Ns(name) | Data::Cname(name) | Data::Ptr(name)) => name.is_compressed(),
        Ok(Data::Mx(mx)) => mx.exchange.is_compressed(),
        Ok(Data::Srv(srv)) => srv.target.is_compressed(),
        Ok(Data::Soa(soa)) => soa.mname.is_compressed() || soa.rname.is_compressed(),
        _ => false,
    }
}

fn compare(ours: &Message<'_>, theirs: &Theirs) {
    header(ours, &theirs.metadata);
    assert_eq!(ours.questions().count(), theirs.queries.len());
    for (one, two) in ours.questions().zip(&theirs.queries) {
        assert_same_name(one.name, &two.name);
        assert_eq!(
            (one.kind.0, one.class.0),
            (two.query_type.into(), two.query_class.into())
        );
    }
    // hickory takes OPT out of the additional section, and TSIG where it has a reader for it.
    let additional: Vec<_> = ours.additional().filter(|record| record.kind != Type::OPT).collect();
    let sections = [
        (ours.answers().collect(), &theirs.answers),
        (ours.authority().collect(), &theirs.authorities),
        (additional, &theirs.additionals),
    ];
    for (one, two) in sections {
        assert_eq!(one.len(), two.len());
        one.into_iter().zip(two).for_each(|(one, two)| record(one, two));
    }
    if let (Some(one), Some(two)) = (ours.edns(), &theirs.edns) {
        assert_eq!(
            (one.payload_size.max(512), one.version),
            (two.max_payload(), two.version())
        );
        assert_eq!(one.dnssec_ok(), two.flags().dnssec_ok);
    }
}

fn header(ours: &Message<'_>, theirs: &Metadata) {
    let header = ours.header;
    assert_eq!((header.id, header.opcode().0), (theirs.id, theirs.op_code.into()));
    assert_eq!(
        (
            header.aa(),
            header.tc(),
            header.rd(),
            header.ra(),
            header.ad(),
            header.cd()
        ),
        (
            theirs.authoritative,
            theirs.truncation,
            theirs.recursion_desired,
            theirs.recursion_available,
            theirs.authentic_data,
            theirs.checking_disabled
        )
    );
}

fn record(ours: Record<'_>, theirs: &TheirRecord) {
    assert_same_name(ours.name, &theirs.name);
    assert_eq!((ours.class.0, ours.ttl), (theirs.dns_class.into(), theirs.ttl));
    assert_eq!(ours.kind.0, theirs.record_type().into());
    match (ours.data(), &theirs.data) {
        (Ok(Data::A(one)), RData::A(two)) => assert_eq!(one, two.0),
        (Ok(Data::Aaaa(one)), RData::AAAA(two)) => assert_eq!(one, two.0),
        (Ok(Data::Ns(one)), RData::NS(two)) => assert_same_name(one, &two.0),
        (Ok(Data::Cname(one)), RData::CNAME(two)) => assert_same_name(one, &two.0),
        (Ok(Data::Ptr(one)), RData::PTR(two)) => assert_same_name(one, &two.0),
        (Ok(Data::Mx(one)), RData::MX(two)) => {
            assert_eq!(one.preference, two.preference);
            assert_same_name(one.exchange, &two.exchange);
        }
        (Ok(Data::Srv(one)), RData::SRV(two)) => {
            assert_eq!(
                (one.priority, one.weight, one.port),
                (two.priority, two.weight, two.port)
            );
            assert_same_name(one.target, &two.target);
        }
        (Ok(Data::Soa(one)), RData::SOA(two)) => {
            assert_same_name(one.mname, &two.mname);
            assert_same_name(one.rname, &two.rname);
            assert_eq!(
                (
                    one.serial,
                    one.refresh as i32,
                    one.retry as i32,
                    one.expire as i32,
                    one.minimum
                ),
                (two.serial, two.refresh, two.retry, two.expire, two.minimum)
            );
        }
        (Ok(Data::Txt(one)), RData::TXT(two)) => assert!(one.iter().eq(two.txt_data.iter().map(|string| &string[..]))),
        (Ok(Data::Opaque(_) | Data::Opt(_)), _) => {}
        (Err(_), RData::Update0(_)) => {}
        (one, two) => panic!("{one:?} {two:?}"),
    }
}

fn assert_same_name(ours: Name<'_>, theirs: &TheirName) {
    assert!(ours.labels().eq(theirs.iter()), "{ours} {theirs}");
}
