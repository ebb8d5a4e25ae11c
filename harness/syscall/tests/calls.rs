//! Calls are made as they are written, and memory is never shorter than the kernel reaches.
#![cfg(target_os = "linux")]

use rstest::rstest;
use syscall::{Block, Outcome, Request, Word, perform};

use Word::{Block as At, Number as Int};

fn request(name: &str, words: &[Word], blocks: &[&[u8]]) -> Request {
    let block = |octets: &&[u8]| Block {
        octets: octets.to_vec(),
        links: Vec::new(),
    };
    Request {
        name: name.to_owned(),
        words: words.to_vec(),
        blocks: blocks.iter().map(block).collect(),
    }
}

fn done(request: Request) -> Outcome {
    perform(request).expect("a call of a known shape")
}

/// Both ends of a pipe.
fn pipe() -> (i64, i64) {
    let outcome = done(request("pipe2", &[At(0), Int(0)], &[&[]]));
    let end = |at: usize| i64::from(outcome.blocks[0][at]);
    (end(0), end(4))
}

#[test]
fn what_is_written_is_read() {
    let (from, to) = pipe();
    let written = done(request("write", &[Int(to), At(0), Int(3)], &[b"abc"]));
    assert_eq!((written.result, written.errno), (3, 0));
    let read = done(request("read", &[Int(from), At(0), Int(3)], &[&[]]));
    assert_eq!((read.result, read.blocks[0].as_slice()), (3, b"abc".as_slice()));
}

#[test]
fn a_block_is_as_long_as_the_call_says() {
    let (_, to) = pipe();
    let written = done(request("write", &[Int(to), At(0), Int(5000)], &[b"abc"]));
    assert_eq!((written.result, written.blocks[0].len()), (5000, 5000));
}

#[test]
fn null_is_a_fault_that_the_kernel_tells() {
    const EFAULT: i32 = 14;
    let (_, to) = pipe();
    let written = done(request("write", &[Int(to), Int(0), Int(3)], &[]));
    assert_eq!((written.result, written.errno), (-1, EFAULT));
}

#[rstest]
#[case::unknown("reboot", &[Int(0)], &[])]
#[case::too_few_words("read", &[Int(0)], &[])]
#[case::an_address_of_its_own("read", &[Int(0), Int(4096), Int(1)], &[])]
#[case::a_block_for_a_number("close", &[At(0)], &[1])]
#[case::no_such_block("read", &[Int(0), At(1), Int(1)], &[1])]
#[case::a_size_below_zero("read", &[Int(0), At(0), Int(-1)], &[1])]
#[case::another_command_of_fcntl("fcntl", &[Int(0), Int(5), Int(0)], &[])]
#[case::an_option_that_writes_through_addresses("getsockopt", &[Int(0), Int(6), Int(35), At(0), At(1)], &[0, 4])]
#[case::a_filter("setsockopt", &[Int(0), Int(1), Int(26), At(0), Int(16)], &[0])]
#[case::no_room_for_the_length("getsockopt", &[Int(0), Int(6), Int(11), At(0), At(1)], &[0, 0])]
fn other_shapes_are_refused(#[case] name: &str, #[case] words: &[Word], #[case] sizes: &[usize]) {
    let zeros = [0; 8];
    let blocks: Vec<&[u8]> = sizes.iter().map(|size| &zeros[..*size]).collect();
    assert_eq!(perform(request(name, words, &blocks)), None);
}

#[test]
fn a_message_leads_to_its_parts_and_nowhere_else() {
    let socket = done(request("socket", &[Int(2), Int(2), Int(0)], &[])).result;
    let mut header = vec![0xff; 56];
    // No name, one vector, no control data; what stands where addresses belong is not taken for one.
    header[8..12].fill(0);
    header[24..32].copy_from_slice(&1u64.to_le_bytes());
    header[40..48].fill(0);
    let mut message = request(
        "sendmsg",
        &[Int(socket), At(0), Int(0)],
        &[&header, &[0xff; 16], b"abc"],
    );
    message.blocks[1].octets[8..].copy_from_slice(&3u64.to_le_bytes());
    message.blocks[0].links.push((16, 1));
    message.blocks[1].links.push((0, 2));
    const EDESTADDRREQ: i32 = 89;
    assert_eq!(done(message).errno, EDESTADDRREQ);
}
