"""What a participant costs the relay in memory, at rest and in a meeting.

Growth of the relay's resident set per participant, in rooms of seven. The kernel's socket
buffers are not in it; they are the operating system's.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from tests.benchmarks import cores
from tests.benchmarks.capacity import pinned_relay
from tests.benchmarks.load_process import START_SECONDS, Entrance, LoadProcess, load_process
from tests.benchmarks.participants import STAGE
from tests.benchmarks.processes import resident_bytes
from tests.benchmarks.relay import Member, join
from tests.benchmarks.senders import KEY_SECONDS
from tests.jupyter_process import JupyterProcess

WARM = 10 * STAGE
"""Participants before anything counts: what grows once has grown."""
COUNT = 30 * STAGE
SETTLE_SECONDS = 2.0
MEETING_SECONDS = 1.5 * KEY_SECONDS


@dataclass
class Footprint:
    """Bytes of the relay's memory per participant."""

    idle: float
    """In the room, with chat and presence."""
    connected: float
    """With both media sockets, camera and microphone published, watching, nothing sent."""
    meeting: float
    """While six videos and three voices flow to each, long enough for the relay to keep what a
    newcomer is shown of each camera (all since its last key frame)."""


def _resident(server: JupyterProcess) -> int:
    time.sleep(SETTLE_SECONDS)
    return resident_bytes(server.pid)


def idle(server: JupyterProcess, count: int) -> float:
    """Returns the bytes of somebody who is only there."""
    kept: list[Member] = []

    def fill(until: int) -> int:
        while len(kept) < until:
            kept.append(join(server, f"idle-{len(kept) // STAGE}"))
        return _resident(server)

    before = fill(WARM)
    after = fill(WARM + count)
    for member in kept:
        member.control.close()
    return (after - before) / count


def meeting(server: JupyterProcess, load: LoadProcess, count: int) -> tuple[float, float]:
    """Returns the bytes of somebody with media sockets, and of somebody in a meeting."""
    load.call("seat", WARM)
    load.call("run", time.monotonic() + START_SECONDS, 0.0, MEETING_SECONDS)
    before = _resident(server)
    load.call("seat", WARM + count)
    connected = _resident(server)
    begin = time.monotonic() + START_SECONDS
    load.ask("run", begin, 0.0, MEETING_SECONDS)
    most, end = connected, begin + MEETING_SECONDS
    while time.monotonic() < end:
        time.sleep(0.1)
        most = max(most, resident_bytes(server.pid))
    load.answer()
    return (connected - before) / count, (most - before) / count


def measure(limit: int) -> Footprint:
    """Measures all three, each on a fresh server."""
    count = max(STAGE, min(COUNT, limit - WARM) // STAGE * STAGE)
    _, load_cores = cores.split()
    with pinned_relay() as server:
        alone = idle(server, count)
    with pinned_relay() as server:
        entrance = Entrance(server.port, server.base_url, server.token)
        with load_process(entrance, "rooms", load_cores) as load:
            return Footprint(alone, *meeting(server, load, count))
