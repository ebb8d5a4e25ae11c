"""What is recorded: who says what to whom, over which path. Each ends by itself."""

import sys
from dataclasses import dataclass, field
from typing import Callable

from relay import Path, duplicating, faithfully, losing, lossy, reordering

PYTHON = sys.executable
V4, V6 = "192.0.2.2", "2001:db8::2"

# A server that sends `size` octets to whoever connects, after what it reads first.
SEND = """
import socket, sys
address, size = sys.argv[1], int(sys.argv[2])
family = socket.AF_INET6 if ':' in address else socket.AF_INET
s = socket.socket(family); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind((address, 80)); s.listen(); print('ready', flush=True)
c, _ = s.accept(); c.recv(100)
c.sendall(bytes(i % 251 for i in range(size))); c.close()
"""
FETCH = """
import socket, sys, time
address, slow = sys.argv[1], float(sys.argv[2])
family = socket.AF_INET6 if ':' in address else socket.AF_INET
s = socket.socket(family)
if slow: s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.connect((address, 80)); s.sendall(b'go'); time.sleep(slow)
while s.recv(65536): pass
s.close()
"""
ECHO = """
import socket, sys
s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(('192.0.2.2', 7)); s.listen(); print('ready', flush=True)
c, _ = s.accept()
while data := c.recv(4096): c.sendall(data)
c.close()
"""


def transfer(address, size, slow=0.0):
    def talk(client, server):
        sending = server.start([PYTHON, "-c", SEND, address, str(size)], stdout=-1)
        sending.stdout.readline()
        client.run([PYTHON, "-c", FETCH, address, str(slow)], timeout=120)
        sending.wait(timeout=120)

    return talk


def client_script(script, needs_echo=True, seconds=120):
    def talk(client, server):
        echo = server.start([PYTHON, "-c", ECHO], stdout=-1) if needs_echo else None
        if echo:
            echo.stdout.readline()
        client.run([PYTHON, "-c", "import socket, struct, time\n" + script], timeout=seconds)
        if echo:
            echo.kill()
            echo.wait()

    return talk


def http(client, server):
    serving = server.start([PYTHON, "-m", "http.server", "-b", V4, "-d", "/usr/share/zoneinfo/Etc", "80"], stderr=-3, stdout=-3)
    client.run([PYTHON, "-c", """
import socket, time, http.client
for _ in range(50):
    try: socket.create_connection(('192.0.2.2', 80)).close(); break
    except OSError: time.sleep(0.1)
for path in ('/UTC', '/nothing', '/'):
    c = http.client.HTTPConnection('192.0.2.2'); c.request('GET', path); c.getresponse().read(); c.close()
"""], timeout=60)
    serving.kill()
    serving.wait()


@dataclass
class Conversation:
    shows: str
    talk: Callable
    paths: Callable = lambda: (Path(0.01, faithfully), Path(0.01, faithfully))
    sysctls: dict = field(default_factory=dict)
    vantages: tuple = ("client", "server")


def paths(delay_there, decide_there, delay_back, decide_back):
    """A fresh pair each time: paths count their packets."""
    return lambda: (Path(delay_there, decide_there()), Path(delay_back, decide_back()))


CLEAN = lambda: faithfully
UNANSWERED = client_script("s = socket.socket(); s.settimeout(34)\ntry: s.connect(('192.0.2.2', 7))\nexcept OSError: pass", False)
ECHOED = "s = socket.create_connection(('192.0.2.2', 7))\n"

CONVERSATIONS = {
    "http": Conversation("three HTTP requests to Python's http.server, one connection each", http),
    "download": Conversation("40 kB, nothing lost", transfer(V4, 40_000), vantages=("server",)),
    "download-ipv6": Conversation("40 kB over IPv6, nothing lost", transfer(V6, 40_000), vantages=("client",)),
    "loss-5-percent": Conversation(
        "60 kB, 5% of the data lost at random", transfer(V4, 60_000), paths(0.01, CLEAN, 0.01, lambda: lossy(1, 0.05))
    ),
    "loss-both-ways": Conversation(
        "60 kB, 5% lost each way", transfer(V4, 60_000),
        paths(0.02, lambda: lossy(2, 0.05), 0.02, lambda: lossy(3, 0.05)), vantages=("server",),
    ),
    "single-loss": Conversation(
        "one data segment lost: fast retransmission", transfer(V4, 40_000), paths(0.01, CLEAN, 0.01, lambda: losing({6}))
    ),
    "tail-loss": Conversation(
        "the last data segments lost: tail loss probe", transfer(V4, 12_000),
        paths(0.01, CLEAN, 0.01, lambda: losing({9, 10})), vantages=("server",),
    ),
    "silence": Conversation(
        "the path dies for 7 s under data: the timer backs off", transfer(V4, 9_000),
        paths(0.01, CLEAN, 0.01, lambda: losing(set(range(3, 14)))), {"net.ipv4.tcp_sack": 0}, ("server",),
    ),
    "reordering": Conversation(
        "60 kB, every tenth packet late by 5 ms", transfer(V4, 60_000),
        paths(0.01, CLEAN, 0.01, lambda: reordering(4, 0.1, 0.005)),
    ),
    "duplication": Conversation(
        "40 kB, every tenth packet twice", transfer(V4, 40_000), paths(0.01, CLEAN, 0.01, lambda: duplicating(5, 0.1))
    ),
    "asymmetric-delay": Conversation("20 ms there, 60 ms back", transfer(V4, 40_000), paths(0.02, CLEAN, 0.06, CLEAN)),
    "zero-window": Conversation("a reader that sleeps for 4 s: the window closes, probes", transfer(V4, 60_000, slow=4.0)),
    "no-options": Conversation(
        "without timestamps, SACK and window scaling", transfer(V4, 40_000), paths(0.01, CLEAN, 0.01, lambda: losing({6})),
        {"net.ipv4.tcp_timestamps": 0, "net.ipv4.tcp_sack": 0, "net.ipv4.tcp_window_scaling": 0}, ("client",),
    ),
    "ecn": Conversation("ECN agreed", transfer(V4, 40_000), sysctls={"net.ipv4.tcp_ecn": 1}, vantages=("server",)),
    "echo": Conversation(
        "small writes, answered one by one",
        client_script(ECHOED + "for n in range(10):\n s.sendall(b'x' * (n + 1)); s.recv(100); time.sleep(0.05)\ns.close()"),
    ),
    "keepalive": Conversation(
        "keepalives every second, asked for by the application",
        client_script(
            ECHOED + "s.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)\n"
            "s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 1); s.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 1)\n"
            "s.sendall(b'x'); s.recv(1); time.sleep(5); s.close()"
        ), vantages=("client",),
    ),
    "half-close": Conversation(
        "the client closes its side first, and still reads",
        client_script(ECHOED + "s.sendall(b'x' * 5000); s.shutdown(1)\nwhile s.recv(4096): pass\ns.close()"),
    ),
    "abort": Conversation(
        "closed by reset (linger time zero)",
        client_script(
            ECHOED + "s.sendall(b'x'); s.recv(1)\n"
            "s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)); s.close()"
        ), vantages=("client",),
    ),
    "refused": Conversation(
        "nobody listens", client_script("try: socket.create_connection(('192.0.2.2', 81))\nexcept OSError: pass", False),
        vantages=("client",),
    ),
    "syn-unanswered": Conversation(
        "the SYN is never answered: its gaps double", UNANSWERED, paths(0.01, lambda: losing(set(range(99))), 0.01, CLEAN),
        {"net.ipv4.tcp_syn_linear_timeouts": 0}, ("client",),
    ),
    "syn-linear": Conversation(
        "the same as Linux 6.5 and later do by default: the first gaps stay at one second",
        UNANSWERED, paths(0.01, lambda: losing(set(range(99))), 0.01, CLEAN), vantages=("client",),
    ),
    "urgent": Conversation(
        "urgent data", client_script(ECHOED + "s.sendall(b'abc'); s.send(b'!', socket.MSG_OOB); s.sendall(b'def'); s.recv(9); s.close()"),
        vantages=("client",),
    ),
    "udp-unreachable": Conversation(
        "a datagram to a port without listener", client_script(
            "s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.connect(('192.0.2.2', 9)); s.send(b'x'); time.sleep(0.2)", False
        ), vantages=("client",),
    ),
    "ping-fragments": Conversation(
        "echo requests of 56 and 3000 octets, the latter in fragments",
        lambda client, server: [client.run(["ping", "-c", "2", "-i", "0.2", "-s", size, V4], stdout=-3) for size in ("56", "3000")],
        vantages=("client",),
    ),
}
