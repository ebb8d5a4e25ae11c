//! The language: what is read, what is refused and where, and that printing loses nothing.

use rstest::rstest;
use script::syntax::ast::{Action, Body, Expr, Options, Script, SeqKind, Time};
use script::syntax::{Defines, explain, format, parse};

fn read(text: &str) -> Script {
    parse(text, &Defines::new()).unwrap_or_else(|error| panic!("{error}\n{}", error.excerpt()))
}

fn one(text: &str) -> Action {
    read(text).events.swap_remove(0).action
}

#[rstest]
#[case::absolute("0.5 close(3) = 0", Time::Absolute(500_000))]
#[case::relative("+.01 close(3) = 0", Time::Relative(10_000))]
#[case::any("* > . 1:1(0) ack 1", Time::Any)]
#[case::range("1~2.5 > . 1:1(0) ack 1", Time::AbsoluteRange(1_000_000, 2_500_000))]
#[case::relative_range("+1~+2 > . 1:1(0) ack 1", Time::RelativeRange(1_000_000, 2_000_000))]
fn a_time_is_read(#[case] text: &str, #[case] time: Time) {
    assert_eq!(read(text).events[0].time, time);
}

/// Every form of packet and call is printed so that it reads as before.
#[rstest]
#[case("+0 < S 0:0(0) win 32792 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>")]
#[case("+0 > S. 0:0(0) ack 1 <...>")]
#[case("+0 > [ect0] SEW 0:0(0) <mss 1460,nop,nop,sackOK>")]
#[case("+0 < [ce, ttl 64] P. 1:1001(1000) ack 1 win 257 <nop,nop,sack 2001:3001 4001:5001>")]
#[case("+0 > (tos 0x28) . 1:1(0) ack 1")]
#[case("+0 > [flowlabel 0x12345] . 1:1(0) ack 1")]
#[case("+0 < - 0:0(0) win 65535")]
#[case("+0 > R 1:1(0) win 0")]
#[case("+0 > PA. 1:11(10) ack 1 urg 5")]
#[case("+0 > .5 1:1(0) ack 1 <ECN e1b 1 ceb 0 e0b 1,nop>")]
#[case("+0 > S.3 0:0(0) ack 1")]
#[case("+0 < 1234 > 8080 . 1:1(0) ack 1 win 10")]
#[case("+0 < S 0:0(0) win 10 <FO a1a1a1a1b2b2b2b2,nop,nop>")]
#[case("+0 < S 0:0(0) win 10 <FOEXP,nop,nop>")]
#[case("+0 < S 0:0(0) win 10 <md5 00112233445566778899aabbccddeeff,exp-1234 aabb,gen-99 00>")]
#[case("+0 < S 7:7(0)! win 10 <020405b4>")]
#[case("+0 > . ...(100) ack 1")]
#[case("+0 > . 1:1(0) ack 1 <nop,nop,TS val ... ecr 100!>")]
#[case("+0 < udp (100)")]
#[case("+0 > udp 53 > 1234 (100)")]
#[case("+0 < icmp unreachable frag_needed mtu 1200 [1:1461(1460)]")]
#[case("+0 < icmp echo_request id 7")]
#[case("+0 > icmp unreachable port_unreachable [udp (10)]")]
#[case("+0 < ipv4 1.2.3.4 > 5.6.7.8: gre: . 1:1(0) ack 1 win 5")]
#[case("+0 < ipv6 2001:db8::1 > 2001:db8::2: mpls (label 1, tc 2, [S], ttl 3): . 1:1(0) ack 1 win 5")]
#[case("+0 < gre flags [checksum present, key present, sequence# present], sum 1, off 0, key=2, seq 3: udp (9)")]
#[case("+0 < . 1:1(0) ack 1 win 9 /udp(9899 > 9899)")]
#[case("+0 socket(..., SOCK_STREAM|SOCK_NONBLOCK, IPPROTO_TCP) = 3")]
#[case("+0...0.3 write(4, ..., 61000) = 61000")]
#[case("0 ... 1.5 connect(3, ..., ...) = -1 ETIMEDOUT (Connection timed out)")]
#[case("+0 fcntl(3, F_GETFL) = 0x2 (flags O_RDWR)")]
#[case("+0 bind(3, {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr(\"1.2.3.4\")}, ...) = 0")]
#[case("+0 poll([{fd=3, events=POLLIN|POLLOUT, revents=0}], 1, 10) = 0")]
#[case("+0 recvmsg(4, {msg_name(...)=..., msg_iov(1)=[{..., 1000}], msg_flags=0}, 0) = 1000")]
#[case("+0 setsockopt(3, SOL_SOCKET, SO_LINGER, {onoff=1, linger=0}, 8) = 0")]
#[case("+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, \"re\" \"no\", 4) = 0")]
#[case("+0 write(3, \"GET\"..., 3) = 3")]
#[case("+0 `sysctl -q net.ipv4.tcp_sack=1`")]
#[case("+0 %{ assert tcpi_state == 1, tcpi_state }%")]
fn what_is_printed_reads_as_before(#[case] text: &str) {
    let script = read(text);
    let printed = script.to_string();
    assert_eq!(read(&printed), script, "{printed}");
}

#[rstest]
#[case::flags("+0 < X. 1:1(0) ack 1", "1:6", "TCP flags")]
#[case::length("+0 < . 1:9(5) ack 1", "1:10", "an end that is the start")]
#[case::window("+0 < . 1:1(0) ack 1 win 65536", "1:25", "a window, 0 to 65535")]
#[case::inbound_any("+0 < . 1:1(0) ack 1 <...>", "1:21", "outbound packets only")]
#[case::star_for_a_call("* close(3) = 0", "1:3", "an outbound packet")]
#[case::backwards("2~1 > . 1:1(0) ack 1", "1:2", "does not end before it begins")]
#[case::negative("-1 close(3) = 0", "1:1", "not negative")]
#[case::no_result("+0 close(3)", "1:12", "'='")]
#[case::open_string("+0 write(3, \"abc, 3) = 3", "1:13", "a closing quote")]
#[case::open_comment("/* for ever", "1:1", "*/")]
#[case::second_line("+0 close(3) = 0\n\t+0 clo se(3) = 0", "2:9", "'('")]
#[case::empty("", "1:1", "an event")]
#[case::other_protocol("+0 < sctp: DATA", "1:6", "TCP, UDP or ICMP")]
#[case::command_in_the_middle("+0 close(3) = 0\n`a`\n`b`", "3:1", "the end of the script")]
#[case::pair("--tol=tol=\"1\"\n+0 close(3) = 0", "1:10", "a time")]
#[case::condition("#ifdef A\n+0 close(3) = 0", "2:16", "#endif")]
fn an_error_names_place_and_expectation(#[case] text: &str, #[case] place: &str, #[case] expected: &str) {
    let error = parse(text, &Defines::new()).expect_err("an error");
    assert_eq!(error.place.to_string(), place, "{error}");
    assert!(error.expected.contains(expected), "{error}");
}

#[test]
fn deep_nesting_is_refused() {
    let text = format!("+0 f({}1{}) = 0", "[".repeat(5000), "]".repeat(5000));
    let error = parse(&text, &Defines::new()).expect_err("an error");
    assert!(error.expected.contains("nested"), "{error}");
}

#[test]
fn the_caret_stands_below_the_place() {
    let error = parse("\t+0 < X. 1:1(0)", &Defines::new()).expect_err("an error");
    assert_eq!(error.excerpt(), "\t+0 < X. 1:1(0)\n\t     ^");
}

#[test]
fn symbols_stand_for_what_the_script_or_the_command_line_says() {
    let text =
        "--define=CC=\"reno\"\n+0 setsockopt(3, SOL_TCP, TCP_CONGESTION, CC, 4) = 0\n+0 < S 0:0(0) win 1 <mss SIZE>";
    let defines = Defines::from([("SIZE".to_owned(), "1200".to_owned())]);
    let script = parse(text, &defines).expect("a script");
    let Action::Call(call) = &script.events[0].action else {
        panic!("a call")
    };
    assert_eq!(call.arguments[3], Expr::Str(vec!["reno".to_owned()]));
    assert!(script.to_string().contains("mss 1200"));
    assert_eq!(read(text).undefined, ["SIZE"]);
}

#[test]
fn numbers_may_be_as_on_the_wire_or_any() {
    for (text, kind) in [
        ("1:1(0)!", SeqKind::Absolute),
        ("...(0)", SeqKind::Any),
        ("1:1(0)", SeqKind::Relative),
    ] {
        let Action::Packet(packet) = one(&format!("+0 > . {text} ack 1")) else {
            panic!("a packet")
        };
        let Body::Tcp(tcp) = packet.body else { panic!("TCP") };
        assert_eq!(tcp.seq.kind, kind);
        assert_eq!(tcp.options, Options::List(Vec::new()));
    }
}

#[test]
fn what_the_standard_asks_is_chosen_where_a_script_has_both() {
    let text =
        "#ifdef STANDARD\n+0 close(3) = 0\n#else\n+0 close(4) = 0\n#endif\n#ifndef STANDARD\n+0 close(5) = 0\n#endif\n";
    assert_eq!(read(text).events.len(), 1);
    assert_eq!(read(text).events[0].place.line, 2);
}

#[test]
fn comments_tie_a_script_to_requirements() {
    let script =
        read("// Back-off.\n// requires: tcp/rto-backoff, tcp/rto-initial\n+0 close(3) = 0 // requires: tcp/x");
    assert_eq!(script.requires, ["tcp/rto-backoff", "tcp/rto-initial", "tcp/x"]);
}

#[test]
fn formatting_keeps_the_script_and_its_comments_and_settles() {
    let text = "// About.\n--mss=1000\n0 socket(..., SOCK_STREAM , IPPROTO_TCP)=3 // three\n   +0   <  S 0:0(0)   win 5\n\n\n+0...0.1 accept(3,...,...)=4\n+0 close(4 /* four */) = 0\n";
    let formatted = format(text).expect("a script");
    assert_eq!(
        formatted,
        "// About.\n--mss=1000\n0        socket(..., SOCK_STREAM, IPPROTO_TCP) = 3 // three\n+0       < S 0:0(0) win 5\n\n\n+0...0.1 accept(3, ..., ...) = 4\n+0 close(4 /* four */) = 0\n"
    );
    assert_eq!(format(&formatted).as_deref(), Ok(formatted.as_str()));
    assert_eq!(read(text), read(&formatted));
}

#[test]
fn an_explanation_has_a_line_for_every_event() {
    let text = explain(&read(
        "0 listen(3, 1) = 0\n+1 < S 0:0(0) win 5 <mss 9>\n* > R. 0:0(0) ack 1\n",
    ));
    assert_eq!(
        text,
        "line 1   at 0 s, the application calls listen(3, 1), which is to return 0\n\
         line 2   1 s later, the stack receives a segment without data (SYN), window 5, with options mss 9\n\
         line 3   at any time, the stack is to send a segment without data (RST), acknowledging what is before 1\n"
    );
}

#[test]
fn formatting_parts_events_that_stand_without_a_blank() {
    let text = "0 > icmp ec0.1 < . 1:1(0) ack 1\n";
    let formatted = format(text).expect("a script");
    assert_eq!(
        parse(&formatted, &Defines::new()),
        parse(text, &Defines::new()),
        "{formatted}"
    );
}

#[test]
fn an_id_behind_requires_ends_with_its_line_however_that_is_ended() {
    let script = parse("// requires: tcp/one, tcp/two\r\n0 > . 1:1(0) ack 1\n", &Defines::new()).expect("a script");
    assert_eq!(script.requires, ["tcp/one", "tcp/two"]);
    let blank = parse("// requires: tcp/one\u{b}\n0 > . 1:1(0) ack 1\n", &Defines::new()).expect("a script");
    assert_eq!(blank.requires, ["tcp/one"]);
}

#[test]
fn formatting_leaves_a_string_of_several_lines_alone() {
    let text = "--local_ip=\"a \n \n b\"\n+0 close(3) = 0\n";
    let formatted = format(text).expect("a script");
    assert_eq!(read(&formatted), read(text), "{formatted}");
}
