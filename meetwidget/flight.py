"""What is under way on one media socket, judged by acknowledgements alone. No I/O.

A socket's own buffer tells little: hundreds of kilobytes hide in kernels and proxies behind it, so
only the other end can say what has arrived. Its word comes back over a line that other people's
pictures fill; by the relay's clock in it, the queue on the way there is told from the one on the
way back. The same as js/src/media/flight.ts.
"""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass
from typing import NamedTuple

ACK_SECONDS = 0.1
"""The relay acknowledges at most this often."""
SLACK_SECONDS = 2 * ACK_SECONDS
"""So long a byte may wait for its acknowledgement on an idle line: the interval and a frame's."""
BASE_SECONDS = 30.0
"""How long the smallest acknowledgement delay counts as the line's own; routes change."""
RATE_SECONDS = 0.6
"""Rates are measured over this time: long enough for five acknowledgements."""


@dataclass(frozen=True)
class Line:
    """What a media line to the relay looks like now."""

    in_flight: int
    """Bytes sent and not acknowledged."""
    queue: float
    """How long bytes wait in queues between here and the relay, seconds."""
    arrived_late: float
    """How long the newest bytes that have arrived had waited in queues, seconds. Unlike ``queue`` it
    does not grow while a lost packet holds up all others: then nothing arrives, and after it
    all at once."""
    base: float
    """The line's own delay, there and back, without queues: the smallest seen lately, seconds."""
    delivered_bps: float | None
    """Bits a second that arrived lately; None until it can be told."""
    sent_bps: float
    """Bits a second that were sent lately."""


class _Mark(NamedTuple):
    total: int
    """Bytes sent (or acknowledged) so far, this one included."""
    at: float


class _Least:
    """The smallest of a value over the last :data:`BASE_SECONDS`."""

    def __init__(self) -> None:
        self._kept: deque[tuple[float, float]] = deque()
        """Value and when, both growing: the first is the smallest."""

    @property
    def value(self) -> float:
        return self._kept[0][0] if self._kept else 0.0

    def take(self, value: float, now: float) -> float:
        """Returns the smallest, with a new value taken in."""
        while self._kept and self._kept[-1][0] >= value:
            self._kept.pop()
        self._kept.append((value, now))
        while self._kept[0][1] < now - BASE_SECONDS:
            self._kept.popleft()
        return self.value


class Flight:
    """Bytes in flight and how long they have been; one per socket. Thread-safe.

    Times are seconds of one clock that never jumps.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sent = 0
        self._acknowledged = 0
        self._acknowledged_at = -math.inf
        self._pending: deque[_Mark] = deque()
        self._sends: deque[_Mark] = deque()
        self._acks: deque[_Mark] = deque()
        self._delays = _Least()
        self._way_there = _Least()
        """With how far the two clocks are apart."""
        self._back = 0.0
        """How long the last acknowledgement itself waited on its way."""
        self._uncovered = 0.0
        """Age of the oldest byte that the last acknowledgement did not cover. The newest one
        that it did cover would also tell how long the relay waited with its word."""
        self._arrived_late = 0.0

    def send(self, size: int, now: float) -> None:
        """Counts bytes handed to the socket."""
        with self._lock:
            self._sent += size
            mark = _Mark(self._sent, now)
            self._pending.append(mark)
            self._sends.append(mark)
            while self._sends[0].at < now - RATE_SECONDS:
                self._sends.popleft()

    def acknowledge(self, total: int, now: float, clock: float | None = None) -> None:
        """Takes an acknowledgement of ``total`` bytes since the socket opened.

        ``clock``: seconds on the relay's clock when it was sent, if it tells.
        """
        with self._lock:
            if not self._acknowledged < total <= self._sent:
                return
            self._acknowledged, self._acknowledged_at = total, now
            delay: float | None = None
            while self._pending and self._pending[0].total <= total:
                delay = now - self._pending.popleft().at
            if delay is not None:
                self._uncovered = self._oldest(now)
                late = there = delay - self._delays.take(delay, now)
                if clock is not None:
                    trip = clock - (now - delay)
                    there = trip - self._way_there.take(trip, now)
                self._arrived_late = min(late, there)
                self._back = late - self._arrived_late
            # When it was said: words that wait come all at once.
            at = max(self._acks[-1].at if self._acks else 0.0, now - self._back)
            self._acks.append(_Mark(total, at))
            while len(self._acks) > 2 and self._acks[0].at < at - RATE_SECONDS:
                self._acks.popleft()

    def line(self, now: float) -> Line:
        """Returns what the line looks like."""
        with self._lock:
            late = self._arrived_late if now - self._acknowledged_at <= RATE_SECONDS else 0.0
            return Line(
                self._sent - self._acknowledged,
                self._queue(now),
                late,
                self._delays.value,
                self._delivered(),
                self._sent_lately(now),
            )

    def _oldest(self, now: float) -> float:
        return now - self._pending[0].at if self._pending else 0.0

    def _queue(self, now: float) -> float:
        """As the last acknowledgement tells, or longer, when the next one is overdue."""
        if not self._pending:
            return 0.0
        overdue = self._oldest(now) - SLACK_SECONDS
        return max(0.0, max(self._uncovered, overdue) - self._delays.value - self._back)

    def _delivered(self) -> float | None:
        if len(self._acks) < 2:
            return None
        first, last = self._acks[0], self._acks[-1]
        if last.at - first.at < 2 * ACK_SECONDS:
            return None
        return (last.total - first.total) * 8 / (last.at - first.at)

    def _sent_lately(self, now: float) -> float:
        first = next((mark for mark in self._sends if mark.at >= now - RATE_SECONDS), None)
        return 0.0 if first is None else (self._sent - first.total) * 8 / RATE_SECONDS
