//! Which calls there are, and what the kernel takes each of their words for.

use crate::Word;

/// A call.
pub struct Shape {
    pub name: &'static str,
    pub number: libc::c_long,
    pub words: &'static [Kind],
}

/// What a word is.
pub enum Kind {
    /// A number that is no address.
    Plain,
    /// One of these numbers.
    OneOf(&'static [i64]),
    /// The address of so many octets.
    Memory(Length),
    /// The address of a `struct msghdr`.
    Message,
}

/// How many octets stand behind an address.
#[derive(Clone, Copy)]
pub enum Length {
    Fixed(usize),
    /// As many as another word says.
    Word(usize),
    /// As many things as another word says, each so long.
    Times(usize, usize),
    /// As many as the 32-bit number says that another word leads to.
    Behind(usize),
}

use Kind::{Memory, Message, OneOf, Plain};
use Length::{Behind, Fixed, Times, Word as ByWord};

const SHAPES: &[Shape] = &[
    shape("socket", libc::SYS_socket, &[Plain, Plain, Plain]),
    shape("bind", libc::SYS_bind, &[Plain, Memory(ByWord(2)), Plain]),
    shape("connect", libc::SYS_connect, &[Plain, Memory(ByWord(2)), Plain]),
    shape("listen", libc::SYS_listen, &[Plain, Plain]),
    shape(
        "accept4",
        libc::SYS_accept4,
        &[Plain, Memory(Behind(2)), Memory(Fixed(4)), Plain],
    ),
    shape("shutdown", libc::SYS_shutdown, &[Plain, Plain]),
    shape("close", libc::SYS_close, &[Plain]),
    shape("read", libc::SYS_read, &[Plain, Memory(ByWord(2)), Plain]),
    shape("write", libc::SYS_write, &[Plain, Memory(ByWord(2)), Plain]),
    shape("readv", libc::SYS_recvmsg, &[Plain, Message, Plain]),
    shape("writev", libc::SYS_sendmsg, &[Plain, Message, Plain]),
    shape("recvmsg", libc::SYS_recvmsg, &[Plain, Message, Plain]),
    shape("sendmsg", libc::SYS_sendmsg, &[Plain, Message, Plain]),
    shape(
        "sendto",
        libc::SYS_sendto,
        &[Plain, Memory(ByWord(2)), Plain, Plain, Memory(ByWord(5)), Plain],
    ),
    shape(
        "recvfrom",
        libc::SYS_recvfrom,
        &[
            Plain,
            Memory(ByWord(2)),
            Plain,
            Plain,
            Memory(Behind(5)),
            Memory(Fixed(4)),
        ],
    ),
    shape(
        "setsockopt",
        libc::SYS_setsockopt,
        &[Plain, Plain, Plain, Memory(ByWord(4)), Plain],
    ),
    shape(
        "getsockopt",
        libc::SYS_getsockopt,
        &[Plain, Plain, Plain, Memory(Behind(4)), Memory(Fixed(4))],
    ),
    // Flags of a descriptor are plain numbers; other commands of fcntl take addresses.
    shape(
        "fcntl",
        libc::SYS_fcntl,
        &[Plain, OneOf(&[libc::F_GETFL as i64, libc::F_SETFL as i64]), Plain],
    ),
    // SIOCINQ, SIOCOUTQ, SIOCOUTQNSD: a number of octets.
    shape(
        "ioctl",
        libc::SYS_ioctl,
        &[Plain, OneOf(&[0x541b, 0x5411, 0x894b]), Memory(Fixed(4))],
    ),
    shape(
        "ppoll",
        libc::SYS_ppoll,
        &[Memory(Times(1, 8)), Plain, Memory(Fixed(16)), OneOf(&[0]), Plain],
    ),
    shape("epoll_create1", libc::SYS_epoll_create1, &[Plain]),
    shape(
        "epoll_ctl",
        libc::SYS_epoll_ctl,
        &[Plain, Plain, Plain, Memory(Fixed(12))],
    ),
    shape(
        "epoll_pwait",
        libc::SYS_epoll_pwait,
        &[Plain, Memory(Times(2, 16)), Plain, Plain, OneOf(&[0]), Plain],
    ),
    // A name has at most 249 octets, and zeros stand behind it.
    shape("memfd_create", libc::SYS_memfd_create, &[Memory(Fixed(250)), Plain]),
    shape(
        "pwrite64",
        libc::SYS_pwrite64,
        &[Plain, Memory(ByWord(2)), Plain, Plain],
    ),
    shape("pipe2", libc::SYS_pipe2, &[Memory(Fixed(8)), Plain]),
    shape(
        "splice",
        libc::SYS_splice,
        &[Plain, Memory(Fixed(8)), Plain, Memory(Fixed(8)), Plain, Plain],
    ),
    shape("sendfile", libc::SYS_sendfile, &[Plain, Plain, Memory(Fixed(8)), Plain]),
];

const fn shape(name: &'static str, number: libc::c_long, words: &'static [Kind]) -> Shape {
    Shape { name, number, words }
}

pub fn of(name: &str) -> Option<&'static Shape> {
    SHAPES.iter().find(|shape| shape.name == name)
}

/// The kernel takes none of what stands in the memory for an address. Options are of sockets, TCP and IP alone, and not those
/// whose values are addresses themselves: filters (SO_ATTACH_*), and TCP_ZEROCOPY_RECEIVE, which writes through one.
pub fn is_harmless(name: &str, words: &[Word]) -> bool {
    if name != "setsockopt" && name != "getsockopt" {
        return true;
    }
    let number = |at: usize| match words.get(at) {
        Some(Word::Number(number)) => i32::try_from(*number).unwrap_or(-1),
        _ => -1,
    };
    match (number(1), number(2)) {
        (libc::SOL_SOCKET, option) => ![
            libc::SO_ATTACH_FILTER,
            libc::SO_ATTACH_BPF,
            libc::SO_ATTACH_REUSEPORT_CBPF,
            libc::SO_ATTACH_REUSEPORT_EBPF,
        ]
        .contains(&option),
        (libc::IPPROTO_TCP, option) => option != 35,
        (libc::IPPROTO_IP, option) => option < 32,
        (libc::IPPROTO_IPV6, option) => (16..=30).contains(&option) || (49..=76).contains(&option),
        _ => false,
    }
}
