use super::emit::Builder;
use super::*;
use proptest::prelude::*;
use rstest::rstest;

fn name(text: &str) -> NameBuf {
    text.parse().expect("a name")
}

fn parse(bytes: &[u8]) -> Message<'_> {
    Message::parse(bytes).expect("a header")
}

/// A query whose only name is these bytes at offset 12.
fn with_name(bytes: &[u8]) -> Vec<u8> {
    Builder::new(1, 0)
        .raw(bytes)
        .raw(&[0, 1, 0, 1])
        .header(|header| header.qdcount = 1)
        .build()
}

#[rstest]
#[case::forward(&[0xc0, 14], 12, Problem::ForwardPointer { target: 14 })]
#[case::to_itself(&[0xc0, 12], 12, Problem::ForwardPointer { target: 12 })]
#[case::to_its_own_labels(&[1, b'a', 0xc0, 12], 14, Problem::CyclicPointer { target: 12 })]
#[case::out_of_the_message(&[0xff, 0xff], 12, Problem::PointerOutside { target: 0x3fff })]
#[case::label_type_01(&[0x41, 0], 12, Problem::ReservedLabel { octet: 0x41 })]
#[case::label_type_10(&[1, b'a', 0x80, 0], 14, Problem::ReservedLabel { octet: 0x80 })]
#[case::label_longer_than_the_message(&[63, b'a'], 12, Problem::Truncated)]
fn refused_names_say_where_and_why(#[case] bytes: &[u8], #[case] offset: usize, #[case] problem: Problem) {
    let bytes = with_name(bytes);
    let message = parse(&bytes);
    let expected = Error {
        section: Section::Question,
        index: 0,
        field: "QNAME",
        offset,
        problem,
    };
    assert_eq!(message.error(), Some(expected));
    assert_eq!(message.questions().count(), 0);
}

#[rstest]
#[case::of_255_octets(&[63, 63, 63, 61], None)]
#[case::of_256_octets(&[63, 63, 63, 62], Some(Problem::NameTooLong))]
fn names_end_at_255_octets(#[case] labels: &[u8], #[case] problem: Option<Problem>) {
    let mut bytes = Vec::new();
    for length in labels {
        bytes.push(*length);
        bytes.extend(vec![b'x'; usize::from(*length)]);
    }
    bytes.push(0);
    let bytes = with_name(&bytes);
    assert_eq!(parse(&bytes).error().map(|error| error.problem), problem);
}

#[test]
fn pointers_to_pointers_are_bounded() {
    let mut chain = vec![0, 0];
    for step in 0..200u16 {
        chain.extend((0xc000 | (12 + 2 * step)).to_be_bytes());
    }
    let start = 12 + chain.len() - 2;
    let bytes = Builder::new(0, 0).raw(&chain).build();
    let problem = name::Name::parse(&bytes, start, "NAME").map_err(|fault| fault.problem);
    assert_eq!(problem.err(), Some(Problem::PointerChain));
}

#[test]
fn counts_that_lie_cost_nothing() {
    let bytes = [0xff; 12];
    let message = parse(&bytes);
    assert_eq!(message.header.arcount, 65535);
    let error = message.error().expect("nothing follows");
    assert_eq!((error.section, error.index, error.offset), (Section::Question, 0, 12));
    assert_eq!(message.records().count(), 0);
}

#[test]
fn what_precedes_an_error_stays_readable() {
    let bytes = Builder::new(7, Header::QR)
        .question(&name("a.example"), Type::A, Class::IN)
        .record(Section::Answer, &name("a.example"), Type::A, Class::IN, 60, |rdata| {
            rdata.bytes(&[192, 0, 2, 1]);
        })
        .raw(&[0, 0])
        .header(|header| header.ancount = 3)
        .build();
    let message = parse(&bytes);
    assert_eq!(message.answers().count(), 1);
    let error = message.error().expect("the second answer is cut");
    assert_eq!(
        (error.section, error.index, error.field),
        (Section::Answer, 1, "TYPE to RDLENGTH")
    );
    assert_eq!(message.surplus(), [0, 0]);
}

#[rstest]
#[case::short_a(Type::A, &[1, 2, 3], "ADDRESS")]
#[case::long_a(Type::A, &[1, 2, 3, 4, 5], "RDATA")]
#[case::short_aaaa(Type::AAAA, &[0; 15], "ADDRESS")]
#[case::mx_without_exchange(Type::MX, &[0, 1], "EXCHANGE")]
#[case::ns_with_surplus(Type::NS, &[0, 0], "RDATA")]
#[case::soa_cut_in_minimum(Type::SOA, &[0; 21], "MINIMUM")]
#[case::empty_txt(Type::TXT, &[], "TXT-DATA")]
#[case::txt_string_too_long(Type::TXT, &[1, b'a', 2, b'b'], "TXT-DATA")]
#[case::srv_without_target(Type::SRV, &[0; 6], "Target")]
#[case::opt_option_too_long(Type::OPT, &[0, 8, 0, 2, 1], "OPTION-LENGTH")]
fn data_that_does_not_fit_its_type_is_named(#[case] kind: Type, #[case] rdata: &[u8], #[case] field: &str) {
    let bytes = Builder::new(0, 0)
        .record(Section::Answer, &NameBuf::root(), kind, Class::IN, 0, |out| {
            out.bytes(rdata);
        })
        .build();
    let message = parse(&bytes);
    assert_eq!(message.error(), None);
    assert_eq!(message.data_error().map(|error| error.field), Some(field));
}

#[test]
fn a_forward_pointer_in_data_is_told_from_one_out_of_the_message() {
    let bytes = Builder::new(0, 0)
        .record(Section::Answer, &NameBuf::root(), Type::NS, Class::IN, 0, |rdata| {
            rdata.bytes(&[0xc0, 25]);
        })
        .raw(&[0])
        .build();
    let problem = parse(&bytes).data_error().map(|error| error.problem);
    assert_eq!(problem, Some(Problem::ForwardPointer { target: 25 }));
}

#[test]
fn edns_adds_size_flags_and_the_upper_bits_of_the_rcode() {
    let bytes = Builder::new(0, Header::QR)
        .opt(1232, 0x0100_8000, &[(10, b"cookie")])
        .build();
    let message = parse(&bytes);
    let opt = message.edns().expect("an OPT record");
    assert_eq!(
        (opt.payload_size, opt.version, opt.z(), opt.dnssec_ok()),
        (1232, 0, 0, true)
    );
    assert_eq!(message.rcode(), Rcode::BADVERS);
    let options: Vec<_> = opt.options().map(|option| (option.code, option.data)).collect();
    assert_eq!(options, [(10, b"cookie".as_slice())]);
}

#[test]
fn names_compare_without_case_and_compressed_names_like_plain_ones() {
    let bytes = Builder::new(0, 0)
        .compressed()
        .question(&name("WWW.Example.com"), Type::A, Class::IN)
        .question(&name("ftp.Example.com"), Type::A, Class::IN)
        .build();
    let names: Vec<_> = parse(&bytes).questions().map(|question| question.name).collect();
    assert!(names[1].is_compressed());
    assert_eq!(
        names[1].pointers().collect::<Vec<_>>(),
        [Pointer {
            position: 37,
            target: 16
        }]
    );
    assert_eq!(name("www.EXAMPLE.COM"), names[0]);
    assert!(name("ftp.example.com.") == names[1] && names[0] != names[1]);
}

#[rstest]
#[case("a\\.b.c", "a\\.b.c.")]
#[case("\\000\\255", "\\000\\255.")]
#[case(".", ".")]
fn names_print_with_escapes(#[case] text: &str, #[case] printed: &str) {
    assert_eq!(name(text).to_string(), printed);
}

#[rstest]
#[case("a..b", NameSyntax::EmptyLabel)]
#[case("\\256", NameSyntax::Escape)]
#[case("\\", NameSyntax::Escape)]
fn text_that_is_no_name_is_refused(#[case] text: &str, #[case] why: NameSyntax) {
    assert_eq!(text.parse::<NameBuf>(), Err(why));
}

fn any_name() -> impl Strategy<Value = NameBuf> {
    // Few letters, so that suffixes recur.
    prop::collection::vec(
        prop::collection::vec(prop::sample::select(b"abA.\\\0\xff".to_vec()), 1..4),
        0..6,
    )
    .prop_map(|labels| NameBuf::from_labels(labels.iter().map(Vec::as_slice)).expect("short labels"))
}

fn any_message() -> impl Strategy<Value = Vec<u8>> {
    let kinds = prop::sample::select(vec![2u16, 5, 6, 12, 15, 16, 33, 999]);
    let record = (0..3u8, any_name(), kinds, any::<u32>(), any_name(), any::<[u16; 3]>());
    (
        any::<u16>(),
        any::<u16>(),
        any::<bool>(),
        prop::collection::vec(record, 0..8),
    )
        .prop_map(|(id, flags, compressed, mut records)| {
            let mut builder = Builder::new(id, flags);
            if compressed {
                builder = builder.compressed();
            }
            records.sort_by_key(|record| record.0);
            builder = builder.question(&name("a.b"), Type::ANY, Class::IN);
            for (section, owner, kind, ttl, target, words) in records {
                let section = [Section::Answer, Section::Authority, Section::Additional][usize::from(section)];
                builder = builder.record(section, &owner, Type(kind), Class::IN, ttl, |out| {
                    match kind {
                        6 => out.name(&target).name(&owner).bytes(&[3; 20]),
                        15 => out.word(words[0]).name(&target),
                        16 => out.string(&words[0].to_be_bytes()).string(b""),
                        33 => out.word(words[0]).word(words[1]).word(words[2]).plain_name(&target),
                        999 => out.long(ttl),
                        _ => out.name(&target),
                    };
                });
            }
            builder.build()
        })
}

fn described(bytes: &[u8]) -> Vec<String> {
    let message = parse(bytes);
    let mut lines = vec![format!("{:?} {:?}", message.header, message.error())];
    lines.extend(
        message
            .questions()
            .map(|q| format!("{} {} {}", q.name, q.kind, q.class)),
    );
    lines.extend(message.records().map(|record| {
        let Record {
            section,
            name,
            kind,
            class,
            ttl,
            ..
        } = record;
        format!("{section} {name} {kind} {class} {ttl} {:?}", record.data())
    }));
    lines
}

proptest! {
    #[test]
    fn messages_written_again_say_the_same(bytes in any_message(), compressed: bool) {
        let blank = Builder::new(0, 0);
        let again = if compressed { blank.compressed() } else { blank }.copy(&parse(&bytes)).build();
        prop_assert_eq!(parse(&bytes).error(), None);
        prop_assert_eq!(parse(&bytes).data_error(), None);
        prop_assert_eq!(described(&again), described(&bytes));
    }

    #[test]
    fn names_survive_being_printed_and_read(name in any_name()) {
        let again: NameBuf = name.to_string().parse().expect("our own form");
        prop_assert_eq!(again.wire(), name.wire());
    }

    #[test]
    fn any_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if Message::parse(&bytes).is_ok() {
            described(&bytes);
        }
    }

    #[test]
    fn damaged_messages_are_read_without_panic(
        mut bytes in any_message(),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        described(&bytes);
    }

    #[test]
    fn a_stream_gives_the_same_messages_in_any_pieces(
        messages in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6),
        piece in 1..50usize,
    ) {
        let mut stream = Vec::new();
        for message in &messages {
            tcp::emit(message, &mut stream).expect("short");
        }
        stream.push(0);
        let (mut framer, mut found) = (tcp::Framer::default(), Vec::new());
        for bytes in stream.chunks(piece) {
            framer.push(bytes, |message| found.push(message.to_vec()));
        }
        prop_assert_eq!(found, messages);
        prop_assert_eq!((framer.pending(), framer.wanted()), ([0].as_slice(), 1));
    }
}
