"""The line between two namespaces, with real sockets: it is there, it is as ordered, it goes away.

Times are only ever bounded from below: a packet may be late on a busy machine, never early.
"""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress

import pytest

from tests.namespace import enter
from tests.network.line import Line
from tests.network.link import FAR, NEAR, Link, why_not

REASON = why_not()
pytestmark = pytest.mark.skipif(REASON is not None, reason=REASON or "")

FAST = Line(rate=50e6)
PORT = 5000
PATIENCE_S = 20.0
SO_RCVBUFFORCE = 33
"""Linux; missing in Python's socket module: root may have larger buffers than others."""


@pytest.fixture(scope="module")
def link() -> Iterator[Link]:
    """One line for all tests; each orders its own."""
    with Link("reno") as made:
        yield made


def socket_in(namespace: str, kind: socket.SocketKind, address: str = "") -> socket.socket:
    """Returns a socket that lives in a namespace, bound if there is an address."""

    def make() -> socket.socket:
        enter(namespace)
        made = socket.socket(socket.AF_INET, kind)
        made.settimeout(PATIENCE_S)
        if address:
            made.bind((address, PORT))
        return made

    # The thread goes and takes its namespace with it; the socket stays where it was born.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(make).result()


def handled(link: Link, before: dict[str, float]) -> float:
    """Returns how many packets from the far end the line has passed on or lost since ``before``."""
    now = link.tally()["back"]
    return sum(now[name] - before[name] for name in ("carried", "lost"))


@pytest.fixture
def near(link: Link) -> Iterator[socket.socket]:
    """A datagram socket at the near end."""
    with closing(socket_in(link.near, socket.SOCK_DGRAM, NEAR)) as made:
        made.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 8_000_000)
        yield made


@pytest.fixture
def far(link: Link) -> Iterator[socket.socket]:
    """A datagram socket at the far end."""
    with closing(socket_in(link.far, socket.SOCK_DGRAM, FAR)) as made:
        yield made


def count(receiver: socket.socket, most: int) -> int:
    """Returns how many datagrams come until it is quiet for a second, at most ``most``."""
    receiver.settimeout(1.0)
    came = 0
    with suppress(TimeoutError):
        while came < most:
            receiver.recv(2000)
            came += 1
    receiver.settimeout(PATIENCE_S)
    return came


def test_packets_take_at_least_the_ordered_delay(
    link: Link, near: socket.socket, far: socket.socket
) -> None:
    """There and back over 50 ms each way takes 100 ms or more, in both directions."""
    link.set(Line(rate=50e6, delay=0.05))
    for one, other, address in ((near, far, FAR), (far, near, NEAR)):
        started = time.monotonic()
        one.sendto(b"ping", (address, PORT))
        data, sender = other.recvfrom(100)
        other.sendto(data, sender)
        assert one.recv(100) == b"ping"
        assert time.monotonic() - started >= 0.1


def test_a_burst_takes_at_least_its_bits_time(
    link: Link, near: socket.socket, far: socket.socket
) -> None:
    """Forty packets of 1028 bytes at 1 Mbit/s need 329 ms, and none is lost."""
    link.set(Line(rate=1e6, queue=10**6))
    started = time.monotonic()
    for _ in range(40):
        far.sendto(bytes(1000), (NEAR, PORT))
    for _ in range(40):
        near.recv(2000)
    assert time.monotonic() - started >= 40 * 1028 * 8 / 1e6


def test_as_many_are_lost_as_ordered(link: Link, near: socket.socket, far: socket.socket) -> None:
    """Of 1,000 datagrams over a line that loses a fifth, about a fifth is lost, and told."""
    link.set(Line(rate=50e6, loss=0.2, queue=10**8))
    before = link.tally()["back"]
    for batch in range(20):
        for _ in range(50):
            far.sendto(bytes(100), (NEAR, PORT))
        # More at once might overrun the device's own queue.
        deadline = time.monotonic() + PATIENCE_S
        while handled(link, before) < 50 * (batch + 1) and time.monotonic() < deadline:
            pass
    came = count(near, 1000)
    after = link.tally()["back"]
    assert came + after["lost"] - before["lost"] == 1000
    assert 140 < 1000 - came < 260  # 4.7 standard deviations


def test_nothing_passes_an_outage_and_everything_after_it(
    link: Link, near: socket.socket, far: socket.socket
) -> None:
    """What is sent while the line is down never comes; what is sent afterwards does."""
    link.set(Line(rate=50e6, up=False))
    for _ in range(5):
        far.sendto(b"lost", (NEAR, PORT))
    assert count(near, 1) == 0
    link.set(FAST)
    link.tally()  # an answer: the order has been carried out
    far.sendto(b"back", (NEAR, PORT))
    assert near.recv(100) == b"back"


def test_tcp_uses_the_ordered_congestion_control_at_both_ends(link: Link) -> None:
    """BBR is the default on some machines and flatters."""
    for namespace in (link.near, link.far):
        with closing(socket_in(namespace, socket.SOCK_STREAM)) as made:
            named = made.getsockopt(socket.IPPROTO_TCP, socket.TCP_CONGESTION, 16)
            assert named.rstrip(b"\0") == b"reno"


def test_a_broken_set_up_is_told_and_leaves_nothing_behind() -> None:
    """A congestion control that the kernel does not know is named, and the namespaces go."""
    broken = Link("no-such-control")  # type: ignore[arg-type]
    with pytest.raises(RuntimeError, match="no-such-control"), broken:
        pass
    assert not any(name in _namespaces() for name in (broken.near, broken.far))


def test_the_namespaces_go_with_the_link() -> None:
    """Nothing is left on the machine."""
    with Link("reno") as made:
        names = (made.near, made.far)
        assert all(name in _namespaces() for name in names)
    assert not any(name in _namespaces() for name in names)


def _namespaces() -> str:
    listed = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    return listed.stdout
