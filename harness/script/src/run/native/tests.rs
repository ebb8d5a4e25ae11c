use super::message::{self, Purpose};
use super::request::{Memory, Request, Returned};
use super::values;
use crate::run::calls::Answer;
use crate::syntax::ast::{Action, Call, Expr};
use rstest::rstest;
use std::net::IpAddr;

fn call(text: &str) -> Call {
    let script = crate::syntax::parse(text, &Default::default()).expect("a script");
    match script.events.into_iter().next().map(|event| event.action) {
        Some(Action::Call(call)) => *call,
        other => panic!("{other:?}"),
    }
}

fn argument(text: &str) -> Expr {
    call(&format!("0 f({text}) = 0")).arguments.remove(0)
}

#[test]
fn a_request_is_one_line_of_words_and_blocks() {
    let mut request = Request::of("recvmsg").descriptor(7);
    let header = request.block(Memory::Octets(vec![1, 0xff]));
    let data = request.block(Memory::Zeros(10));
    request.link(header, 16, data);
    let request = request.address_of(header).number(64);
    assert_eq!(request.to_string(), "recvmsg d7 b0 64 / 01ff@16=1 -+10");
    let request = Request::of("write").descriptor(-1).memory(Memory::Pattern(5, 3)).null();
    assert_eq!(request.to_string(), "write -1 b0 0 / ~5+3");
}

#[test]
fn an_answer_tells_result_error_and_memory() {
    let returned = Returned::read("returned -1 14 0a00 -").expect("an answer");
    assert_eq!((returned.result, returned.errno), (-1, 14));
    assert_eq!(returned.number(0, 0, 2), 10);
    assert_eq!(returned.octets(1), &[] as &[u8]);
    assert!(Returned::read("waits 3").is_none());
}

#[rstest]
#[case::number("[1]", Some(4), &[1, 0, 0, 0])]
#[case::one_octet("[4]", Some(1), &[4])]
#[case::all_ones("[0xffffffff]", Some(4), &[0xff; 4])]
#[case::flags("[SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_OPT_ID]", Some(4), &[0x80, 2, 0, 0])]
#[case::linger("{onoff=1, linger=2}", None, &[1, 0, 0, 0, 2, 0, 0, 0])]
#[case::text(r#""\xf7a""#, Some(3), &[0xf7, b'a', 0])]
fn options_have_the_kernels_octets(#[case] text: &str, #[case] size: Option<usize>, #[case] octets: &[u8]) {
    assert_eq!(values::option(Some(&argument(text)), size).expect("a value"), octets);
}

#[test]
fn addresses_are_the_scripts_or_the_given_ones() {
    let default = (IpAddr::from([192, 0, 2, 1]), 8080);
    let open = values::address(Some(&Expr::Ellipsis), default);
    assert_eq!(open[..8], [2, 0, 0x1f, 0x90, 192, 0, 2, 1]);
    let given = argument(r#"{sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.9")}"#);
    assert_eq!(values::address(Some(&given), default)[..8], [2, 0, 0, 80, 10, 0, 0, 9]);
    let none = argument("AF_UNSPEC");
    assert_eq!(values::address(Some(&none), default), [0; 16]);
}

#[rstest]
#[case::same("ee_data=7", None)]
#[case::another("ee_data=8", Some("ee_data=8"))]
fn an_extended_error_is_compared_field_by_field(#[case] last: &str, #[case] differs: Option<&str>) {
    let text = format!(
        "{{msg_iov(1)=[{{...,0}}], msg_flags=MSG_ERRQUEUE, msg_control=[{{cmsg_level=SOL_IP, cmsg_type=IP_RECVERR, \
         cmsg_data={{ee_errno=0, ee_origin=SO_EE_ORIGIN_ZEROCOPY, ee_info=0, {last}}}}}]}}"
    );
    let Expr::Struct(fields) = argument(&text) else {
        panic!()
    };
    let mut request = Request::of("recvmsg");
    let purpose = Purpose {
        sends: None,
        vector: None,
        fields: &fields,
    };
    let parts = message::build(&mut request, &purpose).expect("a message");
    let mut header = vec![0; 56];
    header[40] = 32;
    header[48..50].copy_from_slice(&0x2000u16.to_le_bytes());
    let mut control = vec![32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 11, 0, 0, 0];
    control.extend([0, 0, 0, 0, 5, 0, 1, 0, 0, 0, 0, 0, 7, 0, 0, 0]);
    let returned = Returned {
        result: 0,
        errno: 0,
        blocks: vec![header, control],
    };
    let seen = message::compare(&fields, parts, &returned, &|_, _| (0, 0)).expect("understood");
    match (seen, differs) {
        (None, None) => {}
        (Some(Answer::Differs(wanted, _)), Some(expected)) => assert_eq!(wanted, expected),
        _ => panic!("{differs:?}"),
    }
}

#[test]
fn fields_of_tcp_info_stand_where_the_kernel_has_them() {
    let mut info = vec![0; 248];
    (info[0], info[6]) = (1, 0x87);
    info[80..84].copy_from_slice(&10u32.to_le_bytes());
    let field = |name| super::tcp_info::field(&info, name);
    assert_eq!(field("tcpi_state"), Some(1));
    assert_eq!((field("tcpi_snd_wscale"), field("tcpi_rcv_wscale")), (Some(7), Some(8)));
    assert_eq!(field("tcpi_snd_cwnd"), Some(10));
    assert_eq!(field("tcpi_nothing"), None);
    assert_eq!(super::tcp_info::field(&info[..100], "tcpi_bytes_acked"), None);
}
