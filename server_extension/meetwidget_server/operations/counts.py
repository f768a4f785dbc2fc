"""What a relay counts about itself: plain numbers, cheap to add to, read by :mod:`.metrics`.

Every label has a small, fixed set of values. Names of rooms and of people are never
labels: they are nobody's business on a dashboard, and there is no end of them.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from typing import Any

from meetwidget_server.room import Act, MediaTally

APPEND_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""A commit is one disk flush: below 1 ms on good SSDs, seconds on a dying network disk."""
LAG_BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Voice suffers from 20 ms on."""


class Histogram:
    """How often something took how long."""

    __slots__ = ("bounds", "counts", "total")

    def __init__(self, bounds: Sequence[float]) -> None:
        self.bounds = bounds
        """Upper bounds of the classes, seconds, ascending."""
        self.counts = [0] * (len(bounds) + 1)
        self.total = 0.0
        """Seconds in all."""

    def observe(self, seconds: float) -> None:
        """Counts one."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.total += seconds


class Counts:
    """Everything one relay counts; numbers only grow."""

    def __init__(self) -> None:
        self.media = MediaTally()
        self.received: Counter[type] = Counter()
        """Control messages that came, by their struct."""
        self.sent: Counter[type] = Counter()
        """Control messages that went out, each receiver counted."""
        self.unreadable = 0
        """Control frames that were no message of the protocol."""
        self.resumes: Counter[bool] = Counter()
        """Returns after a lost connection, by whether nothing was missed in the log."""
        self.acts: Counter[Act] = Counter()
        """What rooms noted: joins, leaves, moderation."""
        self.refused: Counter[str] = Counter()
        """People who were not let in, by the code they were told."""
        self.tickets: Counter[str] = Counter()
        """Tickets that were issued, by the kind of client."""
        self.tickets_refused: Counter[str] = Counter()
        """Requests for a ticket that were refused, by the code they were told."""
        self.rechecks: Counter[str] = Counter()
        """How a hub answered when it was asked again about somebody who is in:
        ``unchanged``, ``changed``, ``gone`` or ``unreachable``."""
        self.closes: Counter[int] = Counter()
        """Sockets that rooms closed, by close code."""
        self.appends = Histogram(APPEND_BOUNDS_S)
        """How long the log took to make an event durable."""
        self.not_kept = 0
        """Events that could not be made durable; their senders were told."""
        self.loop_lag = Histogram(LAG_BOUNDS_S)
        """How late the event loop ran the relay's timer; measured while rooms are open."""


def tag(struct: type) -> str:
    """Returns what a struct of the protocol is called on the wire."""
    config: Any = struct.__struct_config__  # type: ignore[attr-defined]
    return str(config.tag)
