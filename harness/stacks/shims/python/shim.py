#!/usr/bin/env python3
"""A minimal shim: the line protocol of ../README.md around a tiny IP stack.

The stack answers ICMP echo and refuses every TCP segment by a reset. To test your own stack, replace the class `Stack`
and leave `main` as it is. Check: `../try.py python3 shim.py`.
"""
import ipaddress
import struct
import sys


class Unsupported(Exception):
    """The stack lacks what was asked for. Becomes `error unsupported TEXT`."""


class Stack:
    """Replace this. `main` reads three attributes after each request: `sent`, `wake_at` and, once, `name` with its company."""

    name, version, can = "example", "1", []  # `can` would be ["connect", "listen", "half-close", ...]

    def __init__(self, address, peer, mtu, seed):
        if address.version != 4:
            raise Unsupported("IPv4 only")
        self.address = address.packed
        self.sent = []  # packets to send now, in order; main empties it
        self.now = 0  # virtual time in nanoseconds: the only clock the stack may use
        self.wake_at = None  # when the stack's next timer fires, later than now; None: no timer runs

    def advance(self, now):
        """Time moves to `now`. A stack with timers fires here those that are due, and sets `wake_at` to the next."""
        self.now = now

    def call(self, name, arguments):
        """An application call. Returns the words after `result`, or raises Unsupported."""
        raise Unsupported(name)

    def packet(self, ip):
        """An IP packet arrives. What is damaged, a fragment, or for somebody else, is dropped in silence."""
        if len(ip) < 20 or ip[0] >> 4 != 4:
            return
        header, length = (ip[0] & 15) * 4, int.from_bytes(ip[2:4], "big")
        if not 20 <= header <= length <= len(ip) or checksum(ip[:header]) or ip[16:20] != self.address:
            return
        if int.from_bytes(ip[6:8], "big") & 0x3FFF:
            return
        source, payload = ip[12:16], ip[header:length]
        if ip[9] == 1:
            self.icmp(source, payload)
        elif ip[9] == 6:
            self.tcp(source, payload)

    def icmp(self, source, message):
        """RFC 792: an echo request (type 8) is answered by the same octets as type 0."""
        if len(message) >= 8 and message[0] == 8 and checksum(message) == 0:
            reply = b"\0" + message[1:2] + b"\0\0" + message[4:]
            self.send(1, source, reply[:2] + struct.pack("!H", checksum(reply)) + reply[4:])

    def tcp(self, source, segment):
        """RFC 9293 section 3.10.7.1: there is no connection, so each segment that is not a reset is answered by one."""
        pseudo = struct.pack("!4s4sHH", source, self.address, 6, len(segment))
        if len(segment) < 20 or checksum(pseudo + segment):
            return
        sport, dport, seq, ack, offset, flags = struct.unpack("!HHIIBB", segment[:14])
        if offset >> 4 < 5 or (offset >> 4) * 4 > len(segment) or flags & RST:
            return
        if flags & ACK:
            seq, ack, flags = ack, 0, RST
        else:  # SEG.LEN counts the SYN and the FIN
            size = len(segment) - (offset >> 4) * 4 + bool(flags & SYN) + bool(flags & FIN)
            seq, ack, flags = 0, (seq + size) & 0xFFFFFFFF, RST | ACK
        reset = struct.pack("!HHIIBBHHH", dport, sport, seq, ack, 5 << 4, flags, 0, 0, 0)
        pseudo = struct.pack("!4s4sHH", self.address, source, 6, len(reset))
        self.send(6, source, reset[:16] + struct.pack("!H", checksum(pseudo + reset)) + reset[18:])

    def send(self, protocol, destination, payload):
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0x4000, 64, protocol, 0, self.address, destination)
        self.sent.append(header[:10] + struct.pack("!H", checksum(header)) + header[12:] + payload)


FIN, SYN, RST, ACK = 1, 2, 4, 16


def checksum(octets):
    """RFC 1071. Zero over octets that contain their own correct checksum."""
    octets += b"\0" * (len(octets) % 2)
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def request(stack, words):
    """Carries out one request. Returns the stack and the answer line, or None where nothing is to be answered."""
    match words:
        case ["hello", "1", *pairs] if stack is None:
            given = dict(pair.split("=", 1) for pair in pairs)  # unknown keys are for later versions: ignored
            stack = Stack(ipaddress.ip_address(given["address"]), ipaddress.ip_address(given["peer"]),
                          int(given["mtu"]), int(given["seed"]))
            return stack, f"result name={stack.name} version={stack.version} can={','.join(stack.can)}"
        case ["packet", hexadecimal] if stack:
            stack.packet(b"" if hexadecimal == "-" else bytes.fromhex(hexadecimal))
        case ["advance", to] if stack and int(to) >= stack.now:
            stack.advance(int(to))
        case ["call", name, *arguments] if stack:
            return stack, f"result {stack.call(name, arguments)}"
        case _:
            return stack, f"error unknown {' '.join(words)[:60]}".rstrip()
    return stack, None


def main():
    stack = None
    for line in sys.stdin.buffer:
        words = line.decode("ascii", "replace").split()
        wake = None
        if words == ["bye"]:
            print("done -", flush=True)
            return
        try:
            stack, answer = request(stack, words)
        except Unsupported as lacking:
            answer = f"error unsupported {lacking}"
        except (ValueError, KeyError) as wrong:  # a number, an address or hex that is none
            answer = f"error malformed {str(wrong)[:60]}"
        if stack:
            for packet in stack.sent:
                print("packet", packet.hex())
            stack.sent, wake = [], stack.wake_at
        if answer is not None:
            print(answer.encode("ascii", "replace").decode())
        print("done", "-" if wake is None else wake, flush=True)


main()
