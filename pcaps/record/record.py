#!/usr/bin/env python3
"""Records the captures of this folder: kernel to kernel, across two network namespaces and a relay of our own.

    record.py --list          what can be recorded
    record.py NAME...         record these into the folder above
    record.py --all           record everything

Needs Linux, root (or the right to make namespaces), /dev/net/tun, iproute2, util-linux iputils-ping and Python 3.
"""

import pathlib
import sys
import tempfile
import time

import neighbours
from conversations import CONVERSATIONS
from netns import Host
from relay import Pcap, Relay

CLIENT = ("192.0.2.1", "2001:db8::1")
SERVER = ("192.0.2.2", "2001:db8::2")
# The machine's default may be anything; name it.
SYSCTLS = {"net.ipv4.tcp_congestion_control": "reno"}


def record(name, folder):
    conversation = CONVERSATIONS[name]
    sysctls = SYSCTLS | conversation.sysctls
    client = Host("client", *CLIENT, *SERVER, sysctls)
    try:
        server = Host("server", *SERVER, *CLIENT, sysctls)
    except BaseException:
        client.close()
        raise
    with tempfile.TemporaryDirectory() as scratch:
        files = [pathlib.Path(scratch, f"{name}.near-{side}.pcap") for side in ("client", "server")]
        to_server, to_client = conversation.paths()
        relay = Relay(client, server, to_server, to_client, *[Pcap(file) for file in files])
        relay.start()
        try:
            conversation.talk(client, server)
            time.sleep(0.3)
        finally:
            relay.stop()
            client.close()
            server.close()
        for file, wanted in zip(files, ("client", "server")):
            if wanted in conversation.vantages:
                (folder / file.name).write_bytes(file.read_bytes())
                print(f"{file.name}: {file.stat().st_size} bytes")


# What each is recorded by, and what it shows.
RECORDINGS = {name: (record, conversation.shows) for name, conversation in CONVERSATIONS.items()}
RECORDINGS["neighbours"] = (neighbours.record, neighbours.SHOWS)


def main(arguments):
    if not arguments or "--help" in arguments:
        raise SystemExit(__doc__)
    if "--list" in arguments:
        for name, (_, shows) in RECORDINGS.items():
            print(f"{name:28} {shows}")
        return
    names = list(RECORDINGS) if "--all" in arguments else arguments
    for name in names:
        if name not in RECORDINGS:
            raise SystemExit(f"no conversation is called '{name}' (see --list)")
        RECORDINGS[name][0](name, pathlib.Path(__file__).resolve().parent.parent)


if __name__ == "__main__":
    main(sys.argv[1:])
