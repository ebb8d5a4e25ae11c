"""Network namespaces of our own, with a TUN device whose packets come to us, or without."""

import ctypes
import fcntl
import os
import struct
import subprocess

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
CLONE_NEWNET = 0x40000000


def enter(namespace):
    """setns(2): `os.setns` is there only from Python 3.12 on."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Namespace:
    """An empty namespace. It belongs to a sleeping child of ours, so that it goes away with it."""

    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sleep", "100000"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self._wait_for_namespace()
        except BaseException:
            self.holder.kill()
            raise

    def _wait_for_namespace(self):
        ours = os.readlink("/proc/self/ns/net")
        path = f"/proc/{self.holder.pid}/ns/net"
        while True:
            try:
                if os.readlink(path) != ours:
                    return
            except FileNotFoundError as error:
                raise SystemExit("needs the right to make network namespaces (root, or unshare -Urn)") from error

    def command(self, argv):
        return ["nsenter", "-t", str(self.holder.pid), "-n", *argv]

    def run(self, argv, **options):
        return subprocess.run(self.command(argv), **options)

    def start(self, argv, **options):
        return subprocess.Popen(self.command(argv), **options)

    def close(self):
        self.holder.kill()
        self.holder.wait()


class Host(Namespace):
    """One with a TUN device. `fd` reads what its kernel sends and takes what it shall receive."""

    def __init__(self, name, v4, v6, peer4, peer6, sysctls):
        super().__init__()
        self.name = name
        try:
            self._set_up(v4, v6, peer4, peer6, sysctls)
        except BaseException:
            self.holder.kill()
            raise

    def _set_up(self, v4, v6, peer4, peer6, sysctls):
        self.fd = self._open_tun()
        for command in (
            ["ip", "link", "set", "lo", "up"],
            ["ip", "addr", "add", f"{v4}/32", "dev", "tun0"],
            ["ip", "link", "set", "tun0", "mtu", "1500", "up"],
            ["ip", "route", "add", peer4, "dev", "tun0"],
            ["ip", "-6", "addr", "add", f"{v6}/128", "dev", "tun0", "nodad"],
            ["ip", "-6", "route", "add", peer6, "dev", "tun0"],
        ):
            self.run(command, check=True)
        for key, value in sysctls.items():
            self.run(["sysctl", "-qw", f"{key}={value}"], check=True)

    def _open_tun(self):
        """Opens the device from inside the namespace: it belongs to the one it is made in."""
        ours = os.open("/proc/self/ns/net", os.O_RDONLY)
        theirs = os.open(f"/proc/{self.holder.pid}/ns/net", os.O_RDONLY)
        try:
            enter(theirs)
            fd = os.open("/dev/net/tun", os.O_RDWR)
            fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", b"tun0", IFF_TUN | IFF_NO_PI))
        finally:
            enter(ours)
            os.close(ours)
            os.close(theirs)
        os.set_blocking(fd, False)
        return fd

    def close(self):
        os.close(self.fd)
        super().close()
