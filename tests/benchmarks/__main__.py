"""``python -m tests.benchmarks [part ...] [--rounds N] [--seconds S]``: the relay against a plain loop.

Parts: ``fan-out`` (1 → 10, 1 → 100), ``rooms`` (of six) and ``idle``; these three by default. The rivals take
turns (A B A B …), each round a fresh process, so that whatever else the machine does hits them
alike; medians and ranges over the rounds are printed. What counts is what a second of the
*server's* CPU delivers; the load comes from this process, on another core.

Three more parts measure the relay alone: ``capacity`` (participants per core, everybody with six
videos and three voices, in rooms of seven and in one hall), ``memory`` (per participant) and
``proxy`` (what configurable-http-proxy adds). ``--limit`` bounds the participants, for a quick look.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import os
import platform
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import capacity, memory, proxy
from tests.benchmarks.load import Outcome, Seat, everybody, fan_out
from tests.benchmarks.load_process import Shape
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.rivals import RIVALS, Server, idle_bytes

VOICE_AND_PICTURE = [(200, 50), (2500, 20)]
"""Bytes and messages a second: what each of six sends."""
WINDOW = 16
"""Messages under way in the fan-out."""
P99_MS = 50.0
"""A room is carried as long as 99 of 100 messages take no longer than this …"""
LOSS = 0.01
"""… and no more than this share of them is missing."""
TRIES = 3
"""Attempts at each number of rooms: other work on the machine spoils one now and then."""
STEPS = {
    "relay": [20, 60, *range(100, 251, 10)],
    "tornado": range(4, 41, 2),
    "tornado in jupyter": range(4, 41, 2),
}
"""Numbers of rooms tried, until one is too many."""


def measure_fan_out(listeners: int, seconds: float) -> Callable[[Server], Outcome]:
    """Returns the measurement of 1 → ``listeners``."""

    def measure(server: Server) -> Outcome:
        seats = server.one_speaker(listeners)
        return fan_out(seats, 200, WINDOW, seconds, lambda: cpu_seconds(server.pid))

    return measure


def most_rooms(server: Server, steps: Sequence[int], seconds: float) -> tuple[int, Outcome]:
    """Adds rooms of six until the server cannot carry them; returns the last that went well.

    Or 0, when not even the first went well.
    """
    rooms: list[list[Seat]] = []
    best: tuple[int, Outcome] | None = None
    for count in steps:
        rooms += [server.room(f"room-{number}") for number in range(len(rooms), count)]
        for _ in range(TRIES):
            outcome = everybody(rooms, VOICE_AND_PICTURE, seconds, lambda: cpu_seconds(server.pid))
            if outcome.delay_ms(0.99) <= P99_MS and outcome.lost <= LOSS:
                best = (count, outcome)
                break
        else:
            break
    return best or (0, outcome)


def measure_alone(table: Table, parts: Sequence[str], seconds: float, limit: int) -> None:
    """Measures what has no rival."""
    shapes: tuple[Shape, ...] = ("rooms", "hall") if "capacity" in parts else ()
    for shape in shapes:
        found = capacity.measure(shape, seconds, limit)
        if found is None:
            print(f"  {shape}: none: is the machine busy?", flush=True)
            continue
        part = {"rooms": "in rooms of seven", "hall": "in one hall"}[shape]
        table.add(f"{part}: participants", "relay", found.participants)
        table.add(f"{part}: Mbit/s out", "relay", found.megabits)
        table.add(f"{part}: % of a core", "relay", found.cpu * 100)
        table.add(f"{part}: p50 ms", "relay", found.p50_ms)
        table.add(f"{part}: p99 ms", "relay", found.p99_ms)
    if "memory" in parts:
        sizes = memory.measure(limit)
        print(f"  memory {sizes}", flush=True)
        for name in ("idle", "connected", "meeting"):
            table.add(f"memory, {name}: kB each", "relay", getattr(sizes, name) / 1000)
    if "proxy" in parts:
        for what, ways in zip(("ping", "frame"), proxy.measure(int(seconds * 500)), strict=True):
            print(f"  proxy, {what}: {ways}", flush=True)
            for name, quantile in (("p50", 0.5), ("p99", 0.99)):
                direct = capacity.quantile_ms(ways.direct, quantile)
                through = capacity.quantile_ms(ways.through, quantile)
                table.add(f"{what} {name}: ms", "direct", direct)
                table.add(f"{what} {name}: ms", "through the proxy", through)


def spread(values: list[float], form: str) -> str:
    """Returns median and range."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):{form}} ({low:{form}} to {high:{form}})"


class Table:
    """What was measured: part → rival → one value a round."""

    def __init__(self) -> None:
        self.figures: dict[str, dict[str, list[float]]] = {}

    def add(self, part: str, rival: str, value: float) -> None:
        """Keeps one figure."""
        self.figures.setdefault(part, {}).setdefault(rival, []).append(value)

    def add_outcome(self, part: str, rival: str, outcome: Outcome) -> None:
        """Keeps what a load showed, and prints it."""
        self.add(f"{part}: per CPU second", rival, outcome.per_cpu_second)
        self.add(f"{part}: p99 ms", rival, outcome.delay_ms(0.99))
        print(
            f"  {part:14} {rival:20} {outcome.per_cpu_second:12,.0f} per CPU second"
            f"  CPU {outcome.cpu_seconds / outcome.seconds:4.0%}  lost {outcome.lost:6.2%}"
            f"  p50 {outcome.delay_ms(0.5):6.1f} ms  p99 {outcome.delay_ms(0.99):6.1f} ms",
            flush=True,
        )

    def show(self) -> None:
        """Prints medians, ranges, and the relay's ratio to each rival, round by round."""
        for part, rivals in self.figures.items():
            for rival, values in rivals.items():
                form = ",.0f" if max(values) > 1000 else ",.1f" if max(values) > 10 else ",.2f"
                print(f"{part:28} {rival:20} {spread(values, form)}")
            ours = rivals.get("relay", [])
            if not ours or part.endswith("p99 ms"):
                continue
            for rival, values in rivals.items():
                if rival != "relay" and len(values) == len(ours):
                    ratios = [a / (b or math.nan) for a, b in zip(ours, values, strict=True)]
                    print(f"{part:28} relay / {rival:12} {spread(ratios, '.2f')}")


def main() -> None:
    """Runs what was asked for and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["fan-out", "rooms", "idle"])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--limit", type=int, default=2100, help="participants tried at most")
    parser.add_argument("--json", type=Path, help="file for all figures")
    options = parser.parse_args()
    table = Table()
    for number in range(options.rounds):
        print(f"round {number + 1}", flush=True)
        measure_alone(table, options.parts, options.seconds, options.limit)
        for rival, start in RIVALS.items():
            if "fan-out" in options.parts:
                for listeners in (10, 100):
                    gc.collect()
                    with start() as server:
                        outcome = measure_fan_out(listeners, options.seconds)(server)
                    table.add_outcome(f"1 -> {listeners}", rival, outcome)
            if "rooms" in options.parts:
                gc.collect()
                with start() as server:
                    count, outcome = most_rooms(server, STEPS[rival], options.seconds)
                table.add("rooms of six", rival, count)
                table.add_outcome("rooms", rival, outcome)
                print(f"  {count} rooms" if count else "  none: is the machine busy?", flush=True)
            if "idle" in options.parts:
                with start() as server:
                    size = idle_bytes(server)
                table.add("idle: bytes each", rival, size)
                print(f"  idle           {rival:20} {size:12,.0f} bytes each", flush=True)
    print(f"\n{processor()}, {os.cpu_count()} CPUs, Python {platform.python_version()},", end=" ")
    print(f"load {os.getloadavg()[0]:.1f}")
    table.show()
    if options.json:
        options.json.write_text(json.dumps(table.figures, indent=1))


def processor() -> str:
    """Returns the processor's name."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return platform.machine()


if __name__ == "__main__":
    main()
