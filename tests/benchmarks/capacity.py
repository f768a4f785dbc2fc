"""How many participants one core carries, everybody with six videos and three voices.

The largest number at which 99 of 100 frames take no longer than 20 ms from the moment a client
sends them to the moment another has read them, and no more than 1 % is missing. The relay has a
core of its own; the load has the others. The delays are noted by participants in this process,
which wakes up for each of them; the load's own view, which waits for the load's turns, is
printed beside it. Numbers are found by doubling, then halving the interval.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.benchmarks import cores
from tests.benchmarks.crowd import Crowd, Tally
from tests.benchmarks.load_process import START_SECONDS, Entrance, LoadProcess, Shape, load_process
from tests.benchmarks.participants import STAGE, Participant, enter, seen_by, stage
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.relay import jupyter_server
from tests.benchmarks.senders import Sender
from tests.jupyter_process import JupyterProcess

P99_MS = 20.0
LOSS = 0.01
WARM_SECONDS = 2.0
TRIES = 3
"""Attempts at each number: other work on the machine spoils one now and then."""
START = 8 * STAGE
RESOLUTION = 0.04
"""The interval is halved until it is this share of the number."""
PROBES = 2 * STAGE
"""Participants in this process, who count like all others."""
LEAST = PROBES + STAGE
_CONFIG = "c.MeetRelay.hello_timeout = 600\n"


@dataclass
class Capacity:
    """What a relay did with so many participants."""

    participants: int
    cpu: float
    """Share of its core."""
    megabits: float
    """A second, out of the relay; media frames without the headers of WebSocket and TCP."""
    p50_ms: float
    p99_ms: float
    load_p99_ms: float
    """As the load itself saw it, in between its turns."""
    lost: float
    load_cpu: float
    late_p99_ms: float
    """How late the load sent."""

    @property
    def carried(self) -> bool:
        """Whether this is good enough."""
        return self.p99_ms <= P99_MS and self.lost <= LOSS

    def __str__(self) -> str:
        return (
            f"{self.participants:5} participants  p50 {self.p50_ms:6.2f}  p99 {self.p99_ms:7.2f} ms"
            f" (load's view {self.load_p99_ms:7.2f})  lost {self.lost:6.2%}  relay {self.cpu:4.0%}"
            f" of a core  {self.megabits:7.1f} Mbit/s out  load {self.load_cpu:4.0%},"
            f" {self.late_p99_ms:.1f} ms late"
        )


def quantile_ms(values_us: list[int], quantile: float) -> float:
    """Returns a quantile of µs, in ms."""
    ordered = sorted(values_us)
    if not ordered:
        return float("nan")
    return ordered[min(len(ordered) - 1, int(len(ordered) * quantile))] / 1000


@contextmanager
def pinned_relay(config: str = "") -> Iterator[JupyterProcess]:
    """Runs a Jupyter server with the relay on a core of its own, this process on the others."""
    cores.allow_many_sockets()
    relay, load = cores.split()
    with cores.on(relay):
        server = jupyter_server(_CONFIG + config)
        process = server.__enter__()
    try:
        with cores.on(load):
            yield process
    finally:
        server.__exit__(None, None, None)


class Attempt:
    """A relay, its load and the participants here, to be tried with growing numbers."""

    def __init__(self, server: JupyterProcess, load: LoadProcess, shape: Shape) -> None:
        self._pid = server.pid
        self._load = load
        self._people: list[Participant] = []
        self._senders: list[Sender] = []
        entrance = Entrance(server.port, server.base_url, server.token)
        if shape == "rooms":
            for number in range(PROBES // STAGE):
                people, cameras, microphones = stage(entrance, f"probe-{number}", number * STAGE)
                for place, person in enumerate(people):
                    person.watch(
                        seen_by(
                            place,
                            [one.stream for one in cameras],
                            [one.stream for one in microphones],
                        )
                    )
                self._people += people
                self._senders += [*cameras, *microphones]
        else:
            load.call("grow", STAGE)
            for number in range(PROBES):
                person = enter(entrance, "room-0")
                streams = person.member.welcome["streams"]
                by_source = {
                    source: [one["id"] for one in streams if one["source"] == source]
                    for source in ("camera", "microphone")
                }
                person.watch(seen_by(number + STAGE, by_source["camera"], by_source["microphone"]))
                self._people.append(person)
        for sender in self._senders:
            sender.watchers = sum(sender.stream in one.watched for one in self._people)

    def run(self, participants: int, seconds: float) -> Capacity:
        """Measures once with so many participants, those here included."""
        others = participants - PROBES
        self._load.call("seat", others)
        gc.collect()
        gc.disable()
        try:
            begin = time.monotonic() + START_SECONDS
            self._load.ask("run", begin, WARM_SECONDS, seconds)
            crowd = Crowd(self._people, self._senders, PROBES)
            here = crowd.run(begin, WARM_SECONDS, seconds, 0.0, lambda: cpu_seconds(self._pid))
            there: Tally = self._load.answer()
        finally:
            gc.enable()
        return _capacity(participants, here, there)


def _capacity(participants: int, here: Tally, there: Tally) -> Capacity:
    offered = here.offered + there.offered
    # In a hall what is offered here is sent there, so its share is not known here.
    delivered = there.delivered + (here.delivered if here.offered else 0)
    size = here.payload_bytes / here.seconds + there.payload_bytes / there.seconds
    return Capacity(
        participants,
        here.server_cpu_seconds / here.seconds,
        size * 8 / 1e6,
        quantile_ms(here.delays_us, 0.5),
        quantile_ms(here.delays_us, 0.99),
        quantile_ms(there.delays_us, 0.99),
        max(0.0, 1 - delivered / max(1, offered)),
        there.cpu_seconds / there.seconds,
        quantile_ms(there.late_us, 0.99),
    )


def largest(
    carries: Callable[[int], Capacity | None], start: int, least: int, unit: int, limit: int
) -> Capacity | None:
    """Finds the largest number that is carried, by doubling, then by halving the interval.

    Args:
        carries: measures a number; ``None`` if it is too many.
        start: the first number to try.
        least: never fewer than this.
        unit: numbers are multiples of this.
        limit: never more than this.
    """
    best: Capacity | None = None
    low, high = 0, limit + unit
    count = max(least, min(start, limit))
    while True:
        found = carries(count)
        if found is None:
            high = count
        else:
            best, low = found, count
        if high - low <= max(unit, RESOLUTION * high):
            return best
        doubled = low * 2 if low and high > limit else (low + high) // 2
        count = min(limit, max(least, doubled // unit * unit))
        if count in (low, high):
            return best


def measure(shape: Shape, seconds: float, limit: int) -> Capacity | None:
    """Finds the capacity of one core; ``None`` if not even a few are carried."""
    _, load_cores = cores.split()
    with pinned_relay() as server:
        entrance = Entrance(server.port, server.base_url, server.token)
        with load_process(entrance, shape, load_cores) as load:
            attempt = Attempt(server, load, shape)

            def carries(count: int) -> Capacity | None:
                for _ in range(TRIES):
                    found = attempt.run(count, seconds)
                    print(f"  {shape:6} {found}", flush=True)
                    if found.carried:
                        return found
                return None

            return largest(carries, START, LEAST, STAGE, limit)
