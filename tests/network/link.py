"""Two network namespaces joined by a line: made by root, and gone when the block ends.

The far namespace reaches the near one at :data:`NEAR` and nothing else; both have a loopback of their
own. :func:`enter` moves the calling thread (and the processes it starts from then on) into one.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import re
import struct
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from tests.network.line import Line

NEAR, FAR = "10.77.0.1", "10.77.0.2"
"""The addresses of the two ends."""
MTU = 1500

_count = itertools.count(1)
_PREFIX = "mwline"
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_ROOT = Path(__file__).resolve().parents[2]

Congestion = Literal["reno", "bbr", "cubic"]


def why_not() -> str | None:
    """Returns in one sentence why there can be no line on this machine, or None."""
    if os.geteuid() != 0:
        return "Network namespaces need root: run these tests as root."
    if not Path("/dev/net/tun").exists():
        return "There is no /dev/net/tun here, so no line can be made."
    made = subprocess.run(["ip", "netns", "list"], capture_output=True, check=False)
    return None if made.returncode == 0 else "The command `ip netns` does not work here."


class Link:
    """Two namespaces and the line between them; ``with Link() as link``.

    Args:
        congestion: of TCP, in both namespaces.

    Raises:
        RuntimeError: on a machine where this is not possible (see :func:`why_not`).
    """

    def __init__(self, congestion: Congestion = "reno") -> None:
        self.congestion = congestion
        number = next(_count)
        self.near = f"{_PREFIX}-{os.getpid()}-{number}-near"
        self.far = f"{_PREFIX}-{os.getpid()}-{number}-far"
        self._device = f"mw{os.getpid()}-{number}"
        self._carrier: subprocess.Popen[bytes] | None = None

    def set(self, forth: Line, back: Line | None = None) -> None:
        """Changes the line: ``forth`` from near to far, ``back`` (or the same) the other way."""
        self._command({"forth": asdict(forth), "back": asdict(back or forth)})

    def tally(self) -> dict[str, dict[str, float]]:
        """Returns what became of the packets so far, ``forth`` and ``back``.

        ``late_p99_ms`` is how late the carrier was since the last call: above a few ms the machine
        was too busy for this line.
        """
        self._command({"tally": True})
        assert self._carrier is not None
        assert self._carrier.stdout is not None
        return json.loads(self._carrier.stdout.readline())  # type: ignore[no-any-return]

    def __enter__(self) -> Self:
        if reason := why_not():
            raise RuntimeError(reason)
        _sweep()
        try:
            self._build()
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._remove()

    def _build(self) -> None:
        devices = []
        ends = ((self.near, NEAR, "a"), (self.far, FAR, "b"))
        try:
            for namespace, address, letter in ends:
                device = f"{self._device}{letter}"
                _ip("netns", "add", namespace)
                if Path("/proc/sys/net/ipv6").exists():
                    # Its announcements would count as packets, and be lost by the same chance.
                    _sysctl(namespace, "net.ipv6.conf.all.disable_ipv6", "1")
                    _sysctl(namespace, "net.ipv6.conf.default.disable_ipv6", "1")
                _sysctl(namespace, "net.ipv4.tcp_congestion_control", self.congestion)
                devices.append(_open_tun(device))
                _ip("link", "set", device, "netns", namespace)
                _ip("-n", namespace, "addr", "add", f"{address}/24", "dev", device)
                _ip("-n", namespace, "link", "set", device, "mtu", str(MTU), "up")
                _ip("-n", namespace, "link", "set", "lo", "up")
            self._carrier = subprocess.Popen(
                [sys.executable, "-m", "tests.network.carrier", *map(str, devices)],
                cwd=_ROOT,
                pass_fds=devices,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        finally:
            for file in devices:
                os.close(file)

    def _command(self, command: dict[str, Any]) -> None:
        assert self._carrier is not None
        assert self._carrier.stdin is not None
        self._carrier.stdin.write(json.dumps(command).encode() + b"\n")
        self._carrier.stdin.flush()

    def _remove(self) -> None:
        carrier, self._carrier = self._carrier, None
        if carrier is not None:
            carrier.communicate()
        for namespace in (self.near, self.far):
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)


def _open_tun(name: str) -> int:
    file = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(file, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return file


def _sweep() -> None:
    """Removes what processes have left that were killed."""
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    for namespace, pid in re.findall(rf"^({_PREFIX}-(\d+)-\d+-\w+)", listed.stdout, re.MULTILINE):
        if not Path(f"/proc/{pid}").exists():
            subprocess.run(["ip", "netns", "del", namespace], capture_output=True, check=False)


def _sysctl(namespace: str, name: str, value: str) -> None:
    _ip("netns", "exec", namespace, "sysctl", "-qw", f"{name}={value}")


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*command: str) -> None:
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    if made.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {made.stderr.strip()}")


__all__: Sequence[str] = ["FAR", "MTU", "NEAR", "Congestion", "Link", "why_not"]
