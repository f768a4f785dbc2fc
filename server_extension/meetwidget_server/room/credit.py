"""How many bytes may be under way to one receiver, learned from its acknowledgements.

Neither a socket's write buffer nor the kernel's says what waits in proxies and modems in
between; only the receiver knows. Two bounds hold together:

- *bytes*: what the line delivered lately, times its own delay plus :data:`QUEUE_DELAY`. A
  sender that fills this window on a line with room to spare measures more than before and
  grows geometrically with every acknowledgement. (A prototype that grew 8 %/s left half of a
  line unused.)
- *time*: when the oldest byte under way is older than the line's own delay by
  :data:`GATE_DELAY`, nothing more goes in until an acknowledgement comes. A line whose rate
  falls to an eighth would otherwise fill with seconds of what was a short window before.

The word of what arrived comes back over a line that the receiver's own camera may fill. By the
receiver's clock, which it carries, the queue on the way there is told from the one on the way
back (:attr:`Credit.back`), and only the first is ours to keep short.
"""

from __future__ import annotations

from collections import deque

from .least import Least

QUEUE_DELAY = 0.15
"""Seconds of queue the window allows at the bottleneck."""
GATE_DELAY = 0.3
"""Seconds that the oldest byte may be late: an acknowledgement interval (0.1) and twice that."""
GATE_BYTES = 4_000
"""Bytes under way that are never too old: what so little holds up is not worth a gap."""
MOST_JITTER = 0.3
"""Seconds that are granted on top at most, to a receiver whose acknowledgements come unevenly."""
START_RATE = 100_000.0
"""Bytes a second believed of a line before it is measured: 0.8 Mbit/s, the first window 30 kB, so that
the key frames of a few small tiles go at once and a line of 300 kbit/s has them within a second."""
START_DELAY = 0.1
LONGEST_DELAY = 0.5
"""Seconds of round trip believed at most: beyond is queue, whoever caused it."""
SHORTEST_SAMPLE = 0.02
"""Seconds; acknowledgements closer together arrive in bursts and measure the burst."""
BOLDEST_STEP = 4.0
"""Largest growth of the rate in one sample."""
DECLINE = 0.3
"""Share by which the rate follows a smaller measurement."""
MARK_INTERVAL = 0.01
"""Seconds between notes of what was sent when: the precision of measured delays."""
JITTER_SHARE = 0.1
"""Share by which the jitter follows one more difference of two delays."""


class Credit:
    """The bounds of one socket; all times in seconds, amounts in bytes."""

    __slots__ = (
        "_base",
        "_ceiling",
        "_clock_us",
        "_floor",
        "_held_at",
        "_marked",
        "_marks",
        "_sample_acked",
        "_sample_at",
        "_way_there",
        "acked",
        "back",
        "delay",
        "excess",
        "jitter",
        "mark_at",
        "rate",
        "window",
    )

    def __init__(self, floor: int, ceiling: int, now: float) -> None:
        self._floor = floor
        self._ceiling = ceiling
        self.acked = 0
        self.rate = START_RATE
        """Bytes a second that the window is made for."""
        self.window = 0
        self.delay: float | None = None
        """Of the newest acknowledged byte; ``None`` where the last acknowledgement did not tell."""
        self.excess = 0.0
        """Seconds that the newest acknowledged byte waited on its way beyond the line's own delay."""
        self.back = 0.0
        """Seconds that its acknowledgement then waited."""
        self.jitter = 0.0
        self.mark_at = now
        """When :meth:`mark` is of use next."""
        self._marks: deque[tuple[int, float]] = deque()
        self._marked = 0
        self._held_at: int | None = None
        self._base = Least(START_DELAY, now)
        self._way_there = Least(float("inf"), now)
        self._clock_us = 0
        self._sample_acked: int | None = None
        self._sample_at = now
        self._set_window()

    # ---------------------------------------------------------------- bounds

    @property
    def ceiling(self) -> int:
        """How much may have been sent in all."""
        ceiling = self.acked + self.window
        return ceiling if self._held_at is None else min(ceiling, self._held_at)

    @property
    def held(self) -> bool:
        """Whether the oldest byte under way is too late for anything to go after it."""
        return self._held_at is not None

    @property
    def base_delay(self) -> float:
        """The line's own: the least between a send and its acknowledgement, lately."""
        return self._base.value

    def mark(self, sent: int, now: float) -> None:
        """Notes that ``sent`` bytes were sent by now, for the delay of their acknowledgement."""
        if sent > self._marked:
            self._marked = sent
            self._marks.append((sent, now))
            self.mark_at = now + MARK_INTERVAL

    def watch_age(self, sent: int, now: float) -> bool:
        """Holds back, or lets go again, by the age of the oldest byte under way.

        Returns whether :attr:`ceiling` has changed.
        """
        late = False
        if sent - self.acked > GATE_BYTES and self._marks:
            patience = self.base_delay + self.back + GATE_DELAY + min(self.jitter, MOST_JITTER)
            late = now - self._marks[0][1] > patience
        if late is (self._held_at is not None):
            return False
        self._held_at = sent if late else None
        return True

    # -------------------------------------------------------------- learning

    def acknowledge(
        self, received: int, sent: int, limited: bool, now: float, clock_us: int = 0
    ) -> None:
        """The receiver has ``received`` of ``sent`` bytes; ``limited``: more would have gone.

        A claim beyond ``sent`` counts as ``sent``; one that goes back is ignored. ``clock_us`` is
        the receiver's clock; one that stands still says nothing.
        """
        received = min(received, sent)
        if received <= self.acked:
            return
        self.acked = received
        self._take_delay(received, now, clock_us)
        at = now - self.back
        if self._sample_acked is None:
            self._sample_acked, self._sample_at = received, at
        elif at - self._sample_at >= SHORTEST_SAMPLE:
            self._learn_rate(
                (received - self._sample_acked) / (at - self._sample_at),
                limited or self.excess > QUEUE_DELAY,
            )
            self._sample_acked, self._sample_at = received, at
        if sent <= received and not limited:
            # Nothing is under way: what comes next must not be measured across the pause.
            self._sample_acked = None

    def _take_delay(self, received: int, now: float, clock_us: int) -> None:
        ticking, self._clock_us = clock_us != self._clock_us, clock_us
        marks = self._marks
        at = None
        while marks and marks[0][0] <= received:
            sent, at = marks.popleft()
            if sent < received and marks:
                at = marks[0][1]  # the newest byte is of a later write, perhaps only part of it
        if at is None and marks:
            at = marks[0][1]
        before, self.delay = self.delay, None
        if at is None:
            self.excess = 0.0
            return
        delay = self.delay = now - at
        if before is not None:
            self.jitter += (abs(delay - before) - self.jitter) * JITTER_SHARE
        late = delay - self._base.take(delay, now)
        self.excess = late
        if ticking:
            there = clock_us / 1e6 - at  # and how far the clocks are apart
            self.excess = min(late, there - self._way_there.take(there, now))
        self.back = min(late - self.excess, LONGEST_DELAY)

    def _learn_rate(self, sample: float, full: bool) -> None:
        if sample > self.rate:
            self.rate = min(sample, self.rate * BOLDEST_STEP)
        elif full:
            self.rate += (sample - self.rate) * DECLINE
        self._set_window()

    def _set_window(self) -> None:
        trip = min(self.base_delay + self.back, LONGEST_DELAY)
        wanted = int(self.rate * (QUEUE_DELAY + trip))
        self.window = max(self._floor, min(self._ceiling, wanted))
