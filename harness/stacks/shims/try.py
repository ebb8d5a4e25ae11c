#!/usr/bin/env python3
"""Tries a shim: plays small scenarios with it, prints the exchange, and holds it to the line protocol of README.md.

    ./try.py [--six] [--raw] [--only NAME] COMMAND [ARGUMENT...]

--six uses IPv6, --raw prints the lines themselves, --only picks one scenario. It judges the shim, not its stack: what the
stack sends is printed for you to read. Exit status 1 if the shim broke the protocol or a scenario could not go on.
"""
import argparse
import ipaddress
import re
import struct
import subprocess
import sys

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
SECOND = 1_000_000_000
PORT = 8080


class Stuck(Exception):
    """A scenario cannot go on: why."""


class Shim:
    """The child process, its virtual time and its next wake."""

    def __init__(self, command, six, raw):
        self.child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.raw, self.now, self.wake, self.can = raw, 0, None, []
        self.us, self.stack = ("2001:db8::2", "2001:db8::1") if six else ("192.0.2.2", "192.0.2.1")

    def hello(self):
        answer = self.ask(f"hello 1 address={self.stack} peer={self.us} mtu=1500 seed=7")
        if not answer.startswith("result "):
            raise Stuck(answer)
        fields = dict(word.split("=", 1) for word in answer.split()[1:])
        self.can = [word for word in fields["can"].split(",") if word]

    def ask(self, line):
        """One request. Packets go to the trace; the answer, if there is one, is returned."""
        if self.raw:
            print("  >", line[:150])
        try:
            self.child.stdin.write(line.encode("latin-1") + b"\n")
            self.child.stdin.flush()
        except BrokenPipeError:
            raise Stuck(f"the shim ended, status {self.child.wait()}")
        answer, self.sent = "", []
        while True:
            raw = self.child.stdout.readline().decode("latin-1")
            if not raw.endswith("\n"):
                raise Stuck(f"the shim ended, status {self.child.wait()}")
            got = raw[:-1]
            if self.raw:
                print("  <", got[:150])
            if re.fullmatch(r"packet ([0-9a-f]{2})+", got) and not answer:
                self.sent.append(bytes.fromhex(got[7:]))
            elif re.fullmatch(r"(result|error)( .*)?", got) and not answer:
                answer = got
            elif re.fullmatch(r"done (-|\d+)", got):
                break
            else:
                raise Stuck(f"against the protocol: {got[:80]!r}")
        self.wake = None if got == "done -" else int(got[5:])
        if self.wake is not None and self.wake <= self.now:
            print(f"  ! WAKE {self.wake} is not later than now, {self.now}")
        return answer

    def call(self, words):
        answer = self.ask("call " + words)
        self.show(f"call {short(words)} -> {short(answer)}")
        self.trace()
        if not answer:
            raise Stuck("a call without an answer")
        return answer

    def result(self, words):
        answer = self.call(words)
        if not answer.startswith("result"):
            raise Stuck(f"{words}: {answer}")
        return answer[7:]

    def deliver(self, packet):
        """Sends the stack a packet; returns the TCP segments (or other packets) that it answers with at once."""
        self.show("-> " + describe(packet))
        self.ask("packet " + packet.hex())
        return self.trace()

    def trace(self):
        for packet in self.sent:
            self.show("<- " + describe(packet))
        return [Segment(packet) for packet in self.sent]

    def until(self, when, enough=lambda: False):
        """Moves virtual time to `when`, stopping at each wake; returns the segments sent on the way."""
        segments = []
        while not enough():
            stop = when if self.wake is None else min(when, self.wake)
            self.now = max(stop, self.now)
            self.ask(f"advance {self.now}")
            segments += self.trace()
            if self.now >= when:
                break
        return segments

    def show(self, text):
        print(f"  {self.now / SECOND:10.3f}  {text}")

    def bye(self):
        answer = self.ask("bye")
        if answer or self.wake is not None or self.child.wait(5) != 0:
            raise Stuck("bye must be answered by 'done -' and exit status 0")


def short(text):
    return text if len(text) < 60 else f"{text[:40]}... ({len(text)} characters)"


def checksum(octets):
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packet(source, destination, protocol, body, checksum_at):
    """An IP packet, the checksum of its payload filled in (over the pseudo-header, but for ICMP of IPv4)."""
    source, destination = (ipaddress.ip_address(a).packed for a in (source, destination))
    covered = b"" if protocol == 1 else source + destination + struct.pack("!IHBB", len(body), 0, 0, protocol)
    body = body[:checksum_at] + struct.pack("!H", checksum(covered + body)) + body[checksum_at + 2:]
    if len(source) == 16:
        return struct.pack("!IHBB", 6 << 28, len(body), protocol, 64) + source + destination + body
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0, source, destination)
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + body


class Segment:
    """What a packet carries; `flags` is 0 where it is not TCP."""

    def __init__(self, ip):
        six = ip[0] >> 4 == 6
        self.protocol, start = (ip[6], 40) if six else (ip[9], (ip[0] & 15) * 4)
        self.payload = ip[start:]
        self.flags, self.data = 0, b""
        if self.protocol == 6:
            self.sport, self.dport, self.seq, self.ack, offset, self.flags, self.window = struct.unpack("!HHIIBBH", self.payload[:16])
            self.options, self.data = self.payload[20:(offset >> 4) * 4], self.payload[(offset >> 4) * 4:]


def describe(ip):
    segment = Segment(ip)
    if segment.protocol != 6:
        return f"protocol {segment.protocol} type {segment.payload[0]} code {segment.payload[1]}, {len(segment.payload)} octets"
    flags = "".join(letter for bit, letter in zip((FIN, SYN, RST, PSH, ACK, 32, 64, 128), "FSRPAUEC") if segment.flags & bit)
    options = f" options {segment.options.hex()}" if segment.options else ""
    return (f"{segment.sport} > {segment.dport} {flags or '.'} seq {segment.seq} ack {segment.ack} win {segment.window}"
            f" data {len(segment.data)}{options}")


class Peer:
    """Our end of one connection: builds segments, follows both sequence numbers."""

    def __init__(self, shim, theirs, ours):
        self.shim, self.theirs, self.ours, self.seq, self.ack = shim, theirs, ours, 1000, 0

    def send(self, flags, data=b"", options=b"", window=60000):
        head = struct.pack("!HHIIBBHHH", self.ours, self.theirs, self.seq & 0xFFFFFFFF, self.ack if flags & ACK else 0,
                           5 + len(options) // 4 << 4, flags, window, 0, 0)
        answers = self.shim.deliver(packet(self.shim.us, self.shim.stack, 6, head + options + data, 16))
        self.seq += len(data) + bool(flags & SYN) + bool(flags & FIN)
        return self.take(answers)

    def take(self, segments):
        """Notes what the stack sent: the next acknowledgement covers it."""
        mine = [s for s in segments if s.flags and s.dport == self.ours and s.sport == self.theirs]
        for s in mine:
            self.ack = (s.seq + len(s.data) + bool(s.flags & SYN) + bool(s.flags & FIN)) & 0xFFFFFFFF
        return mine

    def want(self, segments, flags, what):
        found = [s for s in segments if s.flags & flags == flags]
        if not found:
            raise Stuck(f"no {what} came")
        return found[0]


def passive_open(shim, ours, port=PORT):
    """A handshake with the listener; returns our end, and the socket that accept gave."""
    if shim.call(f"listen {port}") not in ("result ok", "error in-use"):
        raise Stuck("cannot listen")
    peer = Peer(shim, port, ours)
    peer.want(peer.send(SYN, options=b"\x02\x04\x05\xb4"), SYN | ACK, "SYN-ACK")
    peer.send(ACK)
    socket = shim.result(f"accept {port}")
    if socket == "none":
        raise Stuck("nothing to accept after the handshake")
    return peer, socket


def read(shim, socket):
    """All that receive gives now: the octets, and what ended it."""
    octets = b""
    while (answer := shim.call(f"receive {socket} 100000")).startswith("result data "):
        octets += bytes.fromhex(answer[12:])
    return octets, answer


def echo(shim):
    if ":" in shim.us:
        shim.deliver(packet(shim.us, shim.stack, 58, b"\x80\0\0\0\x12\x34\0\1stackproof", 2))
    else:
        shim.deliver(packet(shim.us, shim.stack, 1, b"\x08\0\0\0\x12\x34\0\1stackproof", 2))
    shim.until(shim.now + SECOND)


def closed_port(shim):
    peer = Peer(shim, 9, 40001)
    peer.want(peer.send(SYN) + shim.until(shim.now + SECOND), RST, "RST")


def conversation(shim):
    """Data both ways, the peer closes first."""
    peer, socket = passive_open(shim, 40002)
    peer.send(ACK | PSH, b"to the stack")
    octets, end = read(shim, socket)
    if (octets, end) != (b"to the stack", "result none"):
        raise Stuck("the data did not arrive")
    shim.result(f"send {socket} {b'from the stack'.hex()}")
    peer.take(map(Segment, shim.sent))
    peer.take(shim.until(shim.now + SECOND))
    peer.send(ACK)
    shim.call(f"status {socket}")
    peer.send(FIN | ACK)
    shim.call(f"status {socket}")
    if read(shim, socket)[1] != "result end":
        raise Stuck("no end of stream after the peer's FIN")
    shim.result(f"close {socket}")
    peer.take(map(Segment, shim.sent))
    shim.call(f"status {socket}")
    peer.send(ACK)
    shim.call(f"status {socket}")


def stack_closes_first(shim):
    """Half-close, then TIME-WAIT: how long does it last?"""
    peer, socket = passive_open(shim, 40003)
    shim.result(f"{'shutdown' if 'half-close' in shim.can else 'close'} {socket}")
    peer.want(peer.take(map(Segment, shim.sent)), FIN, "FIN")
    peer.send(ACK)
    shim.call(f"status {socket}")
    if "half-close" in shim.can:
        peer.send(ACK | PSH, b"still talking")
        read(shim, socket)
    peer.send(FIN | ACK)
    begin = shim.now
    if shim.call(f"status {socket}") != "result time-wait":
        return
    shim.result(f"close {socket}")
    shim.until(begin + 300 * SECOND, lambda: shim.ask(f"call status {socket}") != "result time-wait")
    print(f"  TIME-WAIT lasted {(shim.now - begin) / SECOND:.3f} s")


def silence(shim):
    """The SYN-ACK is never acknowledged."""
    shim.call(f"listen {PORT}")
    Peer(shim, PORT, 40004).send(SYN, options=b"\x02\x04\x05\xb4")
    shim.until(shim.now + 300 * SECOND)


def data_lost(shim):
    """Data is never acknowledged."""
    peer, socket = passive_open(shim, 40005)
    shim.result(f"send {socket} {b'lost'.hex()}")
    shim.until(shim.now + 2000 * SECOND)
    shim.call(f"receive {socket} 100")
    shim.call(f"status {socket}")


def connect(shim):
    socket = shim.result(f"connect 0 {shim.us} 7777")
    syns = [Segment(p) for p in shim.sent] + shim.until(shim.now + SECOND // 10)
    if not syns:
        raise Stuck("no SYN came")
    peer = Peer(shim, syns[0].sport, 7777)
    peer.take(syns)
    shim.call(f"status {socket}")
    peer.send(SYN | ACK, options=b"\x02\x04\x05\xb4")
    shim.call(f"status {socket}")
    shim.result(f"send {socket} {b'hello'.hex()}")
    peer.take(map(Segment, shim.sent))
    peer.take(shim.until(shim.now + SECOND // 10))
    peer.send(ACK | PSH, b"world")
    read(shim, socket)
    peer.send(RST)
    shim.call(f"receive {socket} 100")
    shim.call(f"send {socket} 00")
    shim.call(f"status {socket}")


def refused(shim):
    socket = shim.result(f"connect 5555 {shim.us} 7778")
    shim.until(shim.now + 4 * SECOND)
    peer = Peer(shim, 5555, 7778)
    peer.seq, peer.ack = 0, Segment(shim.sent[0]).seq + 1 if shim.sent else 0
    if not shim.sent:
        peer.take(shim.until(shim.now + 10 * SECOND, lambda: bool(shim.sent)))
    peer.send(RST | ACK)
    shim.call(f"receive {socket} 100")


def connect_to_nobody(shim):
    socket = shim.result(f"connect 0 {shim.us} 7779")
    shim.until(shim.now + 300 * SECOND)
    shim.call(f"receive {socket} 100")


def abort(shim):
    peer, socket = passive_open(shim, 40006)
    shim.result(f"abort {socket}")
    peer.want(map(Segment, shim.sent), RST, "RST")
    shim.call(f"status {socket}")


def window_closes(shim):
    """The application does not read; how much does the stack take?"""
    peer, socket = passive_open(shim, 40007)
    sent, block, answers, quiet = 0, bytes(1400), [], shim.show
    shim.show = lambda text: None
    for _ in range(4000):
        answers = peer.send(ACK, block) or peer.take(shim.until(shim.now + SECOND // 2)) or answers
        sent += len(block)
        if answers and answers[-1].window < len(block):
            break
    shim.until(shim.now + SECOND)
    shim.show = quiet
    print(f"  window {answers[-1].window if answers else '?'} after {sent} octets")
    shim.call(f"receive {socket} 1000000")
    shim.until(shim.now + SECOND)
    shim.result(f"abort {socket}" if "abort" in shim.can else f"close {socket}")


def send_pressure(shim):
    """The peer acknowledges nothing; how much does send take?"""
    peer, socket = passive_open(shim, 40008)
    taken, block, quiet = 0, "00" * 10000, shim.show
    shim.show = lambda text: None
    for _ in range(1000):
        count = int(shim.result(f"send {socket} {block}"))
        taken += count
        if count == 0:
            break
    shim.show = quiet
    print(f"  send took {taken} octets")
    peer.send(RST)


def options(shim):
    peer, socket = passive_open(shim, 40009)
    for name in ("nodelay 1", "nodelay 0", "keepalive 1", "keepalive 0", "colour 1"):
        shim.call(f"option {socket} {name}")
    shim.result(f"option {socket} keepalive 1") if "keepalive" in shim.can else None
    print("  idle for three hours")
    shim.until(shim.now + 3 * 3600 * SECOND)
    shim.call(f"receive {socket} 100")


def nonsense(shim):
    """Malformed lines must be answered by an error, and survived."""
    for line in ("", " ", "nothing", "packet", "packet zz", "packet 0", "packet -", "packet 45", "packet " + "00" * 60, "advance", "advance x",
                 "advance 99999999999999999999999", "advance -1", "call", "call listen", "call listen x", "call listen 99999", "call accept 1",
                 "call send 999 00", "call send x 00", "call receive 999 1", "call status 999", "call close 999", "call abort 999",
                 "call shutdown 999", "call option 999 nodelay 1", "call connect 0 nowhere 1", "call connect 0 192.0.2.2", "call dance",
                 "hello 1 address=192.0.2.1", "\xff\xfe", "call listen " + "9" * 5000, "x" * 200000):
        print(f"  {short(line)!r} -> {short(shim.ask(line))!r}")


SCENARIOS = [
    ([], echo), ([], closed_port), (["listen"], conversation), (["listen"], stack_closes_first), (["listen"], silence),
    (["listen"], data_lost), (["connect"], connect), (["connect"], refused), (["connect"], connect_to_nobody),
    (["listen", "abort"], abort), (["listen"], window_closes), (["listen"], send_pressure), (["listen"], options), ([], nonsense),
]


def main():
    parser = argparse.ArgumentParser(usage="try.py [--six] [--raw] [--only NAME] COMMAND [ARGUMENT...]")
    parser.add_argument("--six", action="store_true")
    parser.add_argument("--raw", action="store_true")
    parser.add_argument("--only")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    if not arguments.command:
        parser.error("which shim?")
    failed = False
    for needs, scenario in SCENARIOS:
        if arguments.only not in (None, scenario.__name__):
            continue
        print(f"{scenario.__name__}: {(scenario.__doc__ or '').strip()}")
        shim = Shim(arguments.command, arguments.six, arguments.raw)
        try:
            shim.hello()
            if set(needs) <= set(shim.can):
                scenario(shim)
            else:
                print(f"  left out: the shim cannot {', '.join(sorted(set(needs) - set(shim.can)))}")
            shim.bye()
        except Stuck as why:
            print(f"  STUCK: {why}")
            failed = True
            shim.child.kill()
            shim.child.wait()
    sys.exit(failed)


main()
