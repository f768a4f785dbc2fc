"""What configurable-http-proxy adds: pings on control sockets, and media frames end to end.

Two pairs of clients in the same relay, one through the proxy and one past it, take turns frame
by frame, so that whatever else the machine does hits both alike.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from meetwidget.wire.media import HEADER, FrameKind, flags
from tests.benchmarks.capacity import quantile_ms
from tests.benchmarks.load import Seat
from tests.benchmarks.load_process import Entrance
from tests.benchmarks.relay import Member, join, jupyter_server, open_media
from tests.benchmarks.wire import BINARY, TEXT, client_frame
from tests.jupyter_process import free_port

PROXY = Path(__file__).parents[2] / "js" / "node_modules" / ".bin" / "configurable-http-proxy"
FRAME_BYTES = 1_200
READY_SECONDS = 30.0
ACK_EVERY = 10
PAUSE_SECONDS = 0.002
"""Between two frames: nothing queues, so that what is measured is the way."""
_CONFIG = "c.MeetRelay.messages_per_second = 1e6\nc.MeetRelay.messages_burst = 1_000_000\n"
_SOURCE = {"source": "data:bench", "renditions": [{"codec": "raw"}]}


@contextmanager
def proxied(port: int) -> Iterator[int]:
    """Runs a real configurable-http-proxy in front of a port; yields its own."""
    own = free_port()
    process = subprocess.Popen(
        [
            str(PROXY),
            *("--ip", "127.0.0.1", "--port", str(own)),
            *("--api-ip", "127.0.0.1", "--api-port", str(free_port())),
            *("--default-target", f"http://127.0.0.1:{port}", "--log-level", "error"),
        ],
        env={**os.environ, "CONFIGPROXY_AUTH_TOKEN": "bench"},
    )
    try:
        _wait(process, own)
        yield own
    finally:
        process.terminate()
        process.wait()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("configurable-http-proxy did not start: run npm ci in js/ first.")


class Pair:
    """Somebody who sends and somebody who receives, both by the same way."""

    def __init__(self, door: Entrance, room: str) -> None:
        self.sender: Member = join(door, room)
        self.receiver: Member = join(door, room)
        ack = self.sender.ask({"type": "publish", "cid": "p", **_SOURCE}, "ack")
        self.handle: int = ack["handles"][0]
        self.speaker = Seat(open_media(door, self.sender), (0, 0), acknowledges=False)
        self.listener = Seat(open_media(door, self.receiver), (0, 0), acknowledges=True)
        wanted = {"type": "watch", "streams": {ack["stream"]: {}}}
        self.receiver.control.send(TEXT, json.dumps(wanted).encode())
        self.receiver.ask({"type": "ping", "t": 1.0}, "pong")
        self.speaker.socket.setblocking(True)
        self.listener.socket.setblocking(True)
        self.sent = 0

    def ping_us(self) -> int:
        """Returns the time from a ping to its pong."""
        start = time.monotonic_ns()
        self.receiver.ask({"type": "ping", "t": 1.0}, "pong")
        return (time.monotonic_ns() - start) // 1000

    def frame_us(self) -> int:
        """Returns the time of one frame from the sender to the receiver."""
        now = time.monotonic_ns() // 1000
        header = HEADER.pack(
            FrameKind.DATA, flags(key=True), self.handle, self.sent, now, self.sent + 1, 0, 0
        )
        self.sent += 1
        payload = header + bytes(FRAME_BYTES - HEADER.size)
        self.speaker.socket.sendall(client_frame(BINARY, payload))
        delays: list[int] = []
        while not delays:
            self.listener.receive(delays)
        if self.sent % ACK_EVERY == 0:
            self.listener.acknowledge()
        return delays[0]


@dataclass
class Ways:
    """µs by both ways."""

    direct: list[int] = field(default_factory=list)
    through: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        parts = []
        for name, quantile in (("p50", 0.5), ("p99", 0.99)):
            direct, through = (quantile_ms(one, quantile) for one in (self.direct, self.through))
            parts.append(f"{name} {direct:.2f} → {through:.2f} ms (adds {through - direct:.2f} ms)")
        return ", ".join(parts)


def measure(count: int) -> tuple[Ways, Ways]:
    """Returns the times of pings (there and back) and of frames (there)."""
    pings, frames = Ways(), Ways()
    with jupyter_server(_CONFIG) as server, proxied(server.port) as port:
        ways = [
            (Pair(Entrance(server.port, server.base_url, server.token), "direct"), "direct"),
            (Pair(Entrance(port, server.base_url, server.token), "through"), "through"),
        ]
        for number in range(-count // 10, count):
            for pair, name in ways:
                ping, frame = pair.ping_us(), pair.frame_us()
                if number >= 0:  # the first ones warm everything up
                    getattr(pings, name).append(ping)
                    getattr(frames, name).append(frame)
                time.sleep(PAUSE_SECONDS)
    return pings, frames
