"""The process between two TUN devices: reads packets here, writes them there when they are due.

Started by :class:`tests.network.link.Link` with the two devices as open files. Commands come as lines
of JSON on standard input: ``{"forth": {…}, "back": {…}}`` (a :class:`Line` each) changes the line,
``{"tally": true}`` asks for one line of JSON on standard output. The end of the input ends it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import time
from dataclasses import asdict
from typing import Any

from tests.network.line import Direction, Line

PACKET_BYTES = 65536
BURST = 64
"""Packets read before what is due gets its turn."""
PATIENCE_S = 1.0
PRIORITY = 1
"""Real-time, the lowest there is: a line that waits for the processor is another line than ordered."""


class Way:
    """A direction with its two devices."""

    def __init__(self, source: int, sink: int, seed: int) -> None:
        self.source = source
        self.sink = sink
        self.direction = Direction(Line(1e9), seed)
        self.late: list[float] = []
        """How late packets were delivered, s, since last asked."""

    def read(self, now: float) -> None:
        for _ in range(BURST):
            try:
                packet = os.read(self.source, PACKET_BYTES)
            except BlockingIOError:
                return
            self.direction.offer(now, packet)

    def write(self, now: float) -> None:
        wanted = self.direction.next_at()
        packets = self.direction.due(now)
        if packets and wanted is not None:
            self.late.append(now - wanted)
        for packet in packets:
            try:
                os.write(self.sink, packet)
            except OSError:
                self.direction.tally.dropped += 1  # the far device is down or full

    def report(self) -> dict[str, Any]:
        late = sorted(self.late)
        self.late = []
        return {
            **asdict(self.direction.tally),
            "late_p99_ms": round(late[int(len(late) * 0.99)] * 1000, 2) if late else 0.0,
        }


def carry(near: int, far: int) -> None:
    """Carries packets between the two devices until standard input ends."""
    forth, back = Way(near, far, seed=1), Way(far, near, seed=2)
    ways = {near: forth, far: back}
    for device in ways:
        os.set_blocking(device, False)
    stdin = sys.stdin.fileno()
    pending = b""
    while True:
        times = [at for way in ways.values() if (at := way.direction.next_at()) is not None]
        wait = max(0.0, min(times) - time.monotonic()) if times else PATIENCE_S
        # select takes microseconds; epoll would round up to whole milliseconds.
        ready, _, _ = select.select([near, far, stdin], [], [], min(wait, PATIENCE_S))
        now = time.monotonic()
        for file in ready:
            if file in ways:
                ways[file].read(now)
                continue
            data = os.read(stdin, 65536)
            if not data:
                return
            *lines, pending = (pending + data).split(b"\n")
            for line in lines:
                _obey(json.loads(line), now, forth, back)
        now = time.monotonic()
        for way in ways.values():
            way.write(now)


def _obey(command: dict[str, Any], now: float, forth: Way, back: Way) -> None:
    if "forth" in command:
        forth.direction.change(now, Line(**command["forth"]))
        back.direction.change(now, Line(**command["back"]))
    if "tally" in command:
        print(json.dumps({"forth": forth.report(), "back": back.report()}), flush=True)


if __name__ == "__main__":
    with contextlib.suppress(PermissionError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(PRIORITY))
    carry(int(sys.argv[1]), int(sys.argv[2]))
