"""``python -m tests.benchmarks [part ...] [--rounds N] [--seconds S]``: the relay against a plain loop.

Parts: ``fan-out`` (1 → 10, 1 → 100), ``rooms`` (of six) and ``idle``; all by default. The rivals take
turns (A B A B …), each round a fresh process, so that whatever else the machine does hits them
alike; medians and ranges over the rounds are printed. What counts is what a second of the
*server's* CPU delivers; the load comes from this process, on another core.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import statistics
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.load import Outcome, everybody, fan_out
from tests.benchmarks.processes import cpu_seconds
from tests.benchmarks.rivals import RIVALS, Server, idle_bytes

VOICE_AND_PICTURE = [(200, 50), (2500, 20)]
"""Bytes and messages a second: what each of six sends."""
WINDOW = 16
"""Messages under way in the fan-out."""
PLAIN_ROOMS = 12
"""What a plain loop still carries."""
RELAY_ROOMS = 90


def measure_fan_out(listeners: int, seconds: float) -> Callable[[Server], Outcome]:
    """Returns the measurement of 1 → ``listeners``."""

    def measure(server: Server) -> Outcome:
        seats = server.one_speaker(listeners)
        return fan_out(seats, 200, WINDOW, seconds, lambda: cpu_seconds(server.pid))

    return measure


def measure_rooms(count: int, seconds: float) -> Callable[[Server], Outcome]:
    """Returns the measurement of ``count`` rooms of six."""

    def measure(server: Server) -> Outcome:
        rooms = [server.room(f"room-{number}") for number in range(count)]
        return everybody(rooms, VOICE_AND_PICTURE, seconds, lambda: cpu_seconds(server.pid))

    return measure


def spread(values: list[float], form: str) -> str:
    """Returns median and range."""
    low, high = min(values), max(values)
    return f"{statistics.median(values):{form}} ({low:{form}} to {high:{form}})"


class Table:
    """Outcomes by part and rival, over the rounds."""

    def __init__(self) -> None:
        self.outcomes: dict[str, dict[str, list[Outcome]]] = {}

    def run(self, part: str, rival: str, measure: Callable[[Server], Outcome]) -> None:
        """Measures one rival once, in a fresh process."""
        gc.collect()
        with RIVALS[rival]() as server:
            outcome = measure(server)
        self.outcomes.setdefault(part, {}).setdefault(rival, []).append(outcome)
        print(
            f"  {part:22} {rival:20} {outcome.per_cpu_second:12,.0f} per CPU second"
            f"  cpu {outcome.cpu_seconds / outcome.seconds:4.0%}"
            f"  lost {1 - outcome.delivered / max(1, outcome.offered):6.2%}"
            f"  p50 {outcome.delay_ms(0.5):6.1f} ms  p99 {outcome.delay_ms(0.99):6.1f} ms",
            flush=True,
        )

    def ratios(self, part: str, base: str, against: str | None = None) -> list[float]:
        """Returns the relay over ``base``, round by round."""
        ours = self.outcomes[part]["relay"]
        theirs = self.outcomes[against or part][base]
        return [a.per_cpu_second / b.per_cpu_second for a, b in zip(ours, theirs, strict=True)]


def main() -> None:
    """Runs what was asked for and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", default=["fan-out", "rooms", "idle"])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--json", type=Path, help="file for all figures")
    options = parser.parse_args()
    table = Table()
    full = f"rooms x {RELAY_ROOMS}"
    same = f"rooms x {PLAIN_ROOMS}"
    memory: dict[str, list[float]] = {}
    for number in range(options.rounds):
        print(f"round {number + 1}")
        if "fan-out" in options.parts:
            for listeners in (10, 100):
                for rival in RIVALS:
                    measure = measure_fan_out(listeners, options.seconds)
                    table.run(f"1 -> {listeners}", rival, measure)
        if "rooms" in options.parts:
            for rival in RIVALS:
                table.run(same, rival, measure_rooms(PLAIN_ROOMS, options.seconds))
            table.run(full, "relay", measure_rooms(RELAY_ROOMS, options.seconds))
        if "idle" in options.parts:
            for rival, start in RIVALS.items():
                with start() as server:
                    memory.setdefault(rival, []).append(idle_bytes(server))
                print(f"  idle {rival:20} {memory[rival][-1]:8,.0f} bytes per connection")
    print(f"\n{platform.processor() or platform.machine()}, {os.cpu_count()} CPUs", end=", ")
    print(f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}")
    for part, rivals in table.outcomes.items():
        for rival, outcomes in rivals.items():
            print(f"{part:12} {rival:20}", end=" ")
            print(spread([o.per_cpu_second for o in outcomes], ",.0f"), "per CPU second", end=", ")
            print("p99", spread([o.delay_ms(0.99) for o in outcomes], ".1f"), "ms", end=", ")
            print("CPU", spread([o.cpu_seconds / o.seconds for o in outcomes], ".0%"))
        for base in ("tornado", "tornado in jupyter"):
            against = same if part == full else part
            ratios = table.ratios(part, base, against)
            print(f"{part:12} relay / {base}: {spread(ratios, '.1f')}")
    for rival, sizes in memory.items():
        print(f"idle         {rival:20} {spread(sizes, ',.0f')} bytes")
    if options.json:
        figures = {
            part: {
                rival: [
                    {
                        "per_cpu_second": o.per_cpu_second,
                        "cpu": o.cpu_seconds / o.seconds,
                        "p99_ms": o.delay_ms(0.99),
                    }
                    for o in outcomes
                ]
                for rival, outcomes in rivals.items()
            }
            for part, rivals in table.outcomes.items()
        }
        options.json.write_text(json.dumps({**figures, "idle": memory}, indent=1))


if __name__ == "__main__":
    main()
