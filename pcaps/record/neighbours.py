"""ARP and Neighbour Discovery of two kernels on one Ethernet: a veth pair, recorded where the client's end of it is."""

import os
import pathlib
import socket
import struct
import subprocess
import threading
import time

from netns import Namespace, enter
from relay import NANOSECOND_MAGIC

SHOWS = "ARP and Neighbour Discovery: addresses checked and announced, resolved, polled; nobody there; a neighbour that goes away"
LINKTYPE_ETHERNET = 1
SO_TIMESTAMPNS = 35
CLIENT = ("192.0.2.1", "2001:db8::1", "02:00:00:00:00:01")
SERVER = ("192.0.2.2", "2001:db8::2", "02:00:00:00:00:02")
ABSENT = ("192.0.2.77", "2001:db8::77")
DATAGRAMS = """
import socket, sys, time
to = socket.getaddrinfo(sys.argv[1], 9, type=socket.SOCK_DGRAM)[0]
talk = socket.socket(to[0], socket.SOCK_DGRAM)
for _ in range(int(sys.argv[2])):
    try:
        talk.sendto(b"hello", to[4])
    except OSError:
        pass  # what an earlier one met
    time.sleep(0.1)
"""


class Recorder(threading.Thread):
    """Takes all frames of a device, until it is stopped."""

    def __init__(self, namespace, device, path):
        super().__init__()
        self.path, self.ended = path, False
        ours = os.open("/proc/self/ns/net", os.O_RDONLY)
        theirs = os.open(f"/proc/{namespace.holder.pid}/ns/net", os.O_RDONLY)
        try:
            enter(theirs)
            self.frames = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        finally:
            enter(ours)
            os.close(ours)
            os.close(theirs)
        self.frames.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.frames.bind((device, 0))
        self.frames.settimeout(0.1)

    def run(self):
        with open(self.path, "wb") as file:
            file.write(struct.pack("<IHHiIII", NANOSECOND_MAGIC, 2, 4, 0, 0, 65535, LINKTYPE_ETHERNET))
            while not self.ended:
                try:
                    frame, control, _, _ = self.frames.recvmsg(65535, 64)
                except OSError:
                    continue  # nothing yet, or the device is down
                seconds, nanoseconds = struct.unpack("qq", control[0][2][:16])
                file.write(struct.pack("<IIII", seconds, nanoseconds, len(frame), len(frame)) + frame)

    def stop(self):
        self.ended = True
        self.join()
        self.frames.close()


def record(name, folder):
    client, server = Namespace(), Namespace()
    try:
        ends = ("name", "veth0", "netns", str(client.holder.pid), "address", CLIENT[2], "type", "veth", "peer")
        peer = ("name", "veth0", "netns", str(server.holder.pid), "address", SERVER[2])
        subprocess.run(["ip", "link", "add", *ends, *peer], check=True)
        path = pathlib.Path(folder, f"{name}.near-client.pcap")
        recorder = Recorder(client, "veth0", path)
        recorder.start()
        try:
            talk(client, server)
        finally:
            recorder.stop()
        print(f"{path.name}: {path.stat().st_size} bytes")
    finally:
        client.close()
        server.close()


def talk(client, server):
    for host, (v4, v6, _) in ((client, CLIENT), (server, SERVER)):
        for option in ("ipv4/conf/all/arp_notify", "ipv6/conf/all/ndisc_notify"):
            host.run(["sh", "-c", f"echo 1 > /proc/sys/net/{option}"], check=True)
        host.run(["ip", "addr", "add", f"{v4}/24", "dev", "veth0"], check=True)
        host.run(["ip", "-6", "addr", "add", f"{v6}/64", "dev", "veth0"], check=True)
        host.run(["ip", "link", "set", "veth0", "up"], check=True)
    time.sleep(4)
    # Resolved, then polled some seconds later.
    send(client, SERVER[0], 3)
    send(client, SERVER[1], 3)
    time.sleep(6)
    # Nobody there.
    send(client, ABSENT[0], 40)
    send(client, ABSENT[1], 40)
    # Forgotten, and resolved anew, from both ends.
    for host, (v4, v6, _) in ((client, SERVER), (client, SERVER), (server, CLIENT)):
        host.run(["ip", "neigh", "flush", "dev", "veth0"], check=True)
        send(host, v4, 2)
        send(host, v6, 2)
    # The neighbour goes away, and comes back.
    server.run(["ip", "addr", "del", f"{SERVER[0]}/24", "dev", "veth0"], check=True)
    client.run(["ip", "neigh", "flush", "dev", "veth0"], check=True)
    send(client, SERVER[0], 25)
    server.run(["ip", "addr", "add", f"{SERVER[0]}/24", "dev", "veth0"], check=True)
    send(client, SERVER[0], 2)
    time.sleep(6)


def send(host, address, count):
    host.run(["python3", "-c", DATAGRAMS, address, str(count)], check=True)
