"""The lines meetings are measured on, by name.

Delay and loss apply to each direction: a round trip has twice the delay, and both acknowledgements
and data can be lost. Queues hold 250 ms at the line's rate (at least sixteen packets), as home
routers do at best; nothing is known about the far side but what comes through.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from tests.network.line import Line

M = 1e6
CLEAN = Line(rate=20 * M, delay=0.001)
"""As good as a wire."""


@dataclass(frozen=True)
class Step:
    """From ``at`` seconds after the start of measuring on, the line is like this."""

    at: float
    line: Line


@dataclass(frozen=True)
class Profile:
    """A line, and how it changes while measured.

    Attributes:
        title: as tables show it.
        line: while joining and settling, and until the first step.
        steps: changes during the measurement, in order.
        seconds: least time to measure.
        event: what the steps are about; then time to recover is measured from the last step but
            one (``drop``) or from the line's return (``outage``).
    """

    title: str
    line: Line
    steps: tuple[Step, ...] = ()
    seconds: float = 0.0
    event: Literal["drop", "outage"] | None = None


_WIDE, _NARROW = Line(rate=4 * M, delay=0.02), Line(rate=0.5 * M, delay=0.02)

PROFILES: dict[str, Profile] = {
    "clean": Profile("clean (20 Mbit/s, 2 ms)", CLEAN),
    "rtt100": Profile("100 ms round trip", replace(CLEAN, delay=0.05)),
    "3mbit": Profile("3 Mbit/s, 40 ms", Line(rate=3 * M, delay=0.02)),
    "lossy": Profile("1 Mbit/s, 100 ms, 2 % loss", Line(rate=1 * M, delay=0.05, loss=0.02)),
    "300kbit": Profile("300 kbit/s, 40 ms", Line(rate=0.3 * M, delay=0.02)),
    "drop": Profile(
        "4 Mbit/s → 500 kbit/s → 4 Mbit/s",
        _WIDE,
        (Step(4, _NARROW), Step(18, _WIDE)),
        seconds=26,
        event="drop",
    ),
    "outage": Profile(
        "5 s outage (3 Mbit/s, 40 ms)",
        Line(rate=3 * M, delay=0.02),
        (Step(3, Line(rate=3 * M, up=False)), Step(8, Line(rate=3 * M, delay=0.02))),
        seconds=22,
        event="outage",
    ),
    "farther": Profile(
        "2 ms → 100 ms round trip (20 Mbit/s)",
        CLEAN,
        (Step(3, replace(CLEAN, delay=0.05)), Step(25, CLEAN)),
        seconds=25,
        event="drop",
    ),
}
USUAL = tuple(name for name in PROFILES if name != "farther")
"""What is measured unless told; *farther* is for who works on the adaptation: another route, no less."""
