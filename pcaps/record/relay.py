"""Carries packets between two hosts with delay, loss, reordering and duplication by a seeded schedule, and records them."""

import heapq
import os
import random
import select
import struct
import threading
import time

LINKTYPE_RAW = 101
NANOSECOND_MAGIC = 0xA1B23C4D


class Pcap:
    """A capture in the making: nanoseconds, raw IP."""

    def __init__(self, path):
        self.file = open(path, "wb")
        self.file.write(struct.pack("<IHHiIII", NANOSECOND_MAGIC, 2, 4, 0, 0, 65535, LINKTYPE_RAW))

    def packet(self, when, data):
        self.file.write(struct.pack("<IIII", when // 10**9, when % 10**9, len(data), len(data)))
        self.file.write(data)

    def close(self):
        self.file.close()


class Path:
    """One direction. `decide(n, packet)` returns None to lose the nth packet, or a list of (extra delay, packet)."""

    def __init__(self, delay, decide):
        self.delay = delay
        self.decide = decide
        self.count = 0


def faithfully(_n, packet):
    return [(0.0, packet)]


def lossy(seed, rate, keep=3):
    """Loses packets at random, the first `keep` excepted."""
    chance = random.Random(seed)

    def decide(n, packet):
        lost = chance.random() < rate and n >= keep
        return None if lost else [(0.0, packet)]

    return decide


def losing(numbers):
    """Loses just these, counted from 0."""
    return lambda n, packet: None if n in numbers else [(0.0, packet)]


def reordering(seed, rate, by):
    chance = random.Random(seed)
    return lambda n, packet: [(by if chance.random() < rate and n > 3 else 0.0, packet)]


def duplicating(seed, rate):
    chance = random.Random(seed)
    return lambda n, packet: [(0.0, packet)] * (2 if chance.random() < rate else 1)


class Relay(threading.Thread):
    """Runs until `stop()`. Records next to each host: a packet is recorded when it leaves its host and when it reaches one."""

    def __init__(self, a, b, to_b, to_a, near_a, near_b):
        super().__init__(daemon=True)
        self.hosts = (a, b)
        self.paths = (to_b, to_a)
        self.captures = (near_a, near_b)
        self.stopping = threading.Event()

    def run(self):
        queue, order = [], 0
        while not self.stopping.is_set():
            timeout = max(0.0, min(0.05, queue[0][0] - time.monotonic())) if queue else 0.05
            ready, _, _ = select.select([host.fd for host in self.hosts], [], [], timeout)
            for side, host in enumerate(self.hosts):
                if host.fd in ready:
                    order = self._take(side, queue, order)
            while queue and queue[0][0] <= time.monotonic():
                _, _, side, packet = heapq.heappop(queue)
                self._deliver(side, packet)

    def _take(self, side, queue, order):
        while True:
            try:
                packet = os.read(self.hosts[side].fd, 65536)
            except BlockingIOError:
                return order
            if packet[0] >> 4 == 6 and packet[6] == 58 and packet[40] in (133, 134, 135, 136, 143):
                continue  # neighbour discovery means nothing on this link
            self.captures[side].packet(time.time_ns(), packet)
            path = self.paths[side]
            copies = path.decide(path.count, packet)
            path.count += 1
            for extra, copy in copies or []:
                order += 1
                heapq.heappush(queue, (time.monotonic() + path.delay + extra, order, 1 - side, copy))

    def _deliver(self, side, packet):
        self.captures[side].packet(time.time_ns(), packet)
        os.write(self.hosts[side].fd, packet)

    def stop(self):
        self.stopping.set()
        self.join()
        for capture in self.captures:
            capture.close()
