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
"""

from __future__ import annotations

from collections import deque

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
DELAY_MEMORY = 6.0
"""Seconds after which the least delay seen is measured anew: routes change, and a line that is longer
than before looks full until then."""
MARK_INTERVAL = 0.01
"""Seconds between notes of what was sent when: the precision of measured delays."""
JITTER_SHARE = 0.1
"""Share by which the jitter follows one more difference of two delays."""


class Credit:
    """The bounds of one socket; all times in seconds, amounts in bytes."""

    __slots__ = (
        "_ceiling",
        "_delay_at",
        "_floor",
        "_held_at",
        "_last_delay",
        "_marked",
        "_marks",
        "_sample_acked",
        "_sample_at",
        "acked",
        "base_delay",
        "delay",
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
        self.base_delay = START_DELAY
        """The line's own: the least between a send and its acknowledgement, lately."""
        self.delay: float | None = None
        """Of the newest acknowledged byte; ``None`` where the last acknowledgement did not tell."""
        self.jitter = 0.0
        self.mark_at = now
        """When :meth:`mark` is of use next."""
        self._marks: deque[tuple[int, float]] = deque()
        self._marked = 0
        self._held_at: int | None = None
        self._last_delay = START_DELAY
        self._delay_at = now
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
    def excess(self) -> float:
        """Seconds that the newest acknowledged byte took beyond the line's own delay."""
        return 0.0 if self.delay is None else max(0.0, self.delay - self.base_delay)

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
            patience = self.base_delay + GATE_DELAY + min(self.jitter, MOST_JITTER)
            late = now - self._marks[0][1] > patience
        if late is (self._held_at is not None):
            return False
        self._held_at = sent if late else None
        return True

    # -------------------------------------------------------------- learning

    def acknowledge(self, received: int, sent: int, limited: bool, now: float) -> None:
        """The receiver has ``received`` of ``sent`` bytes; ``limited``: more would have gone.

        A claim beyond ``sent`` counts as ``sent``; one that goes back is ignored.
        """
        received = min(received, sent)
        if received <= self.acked:
            return
        self.acked = received
        self._take_delay(received, now)
        if self._sample_acked is None:
            self._sample_acked, self._sample_at = received, now
        elif now - self._sample_at >= SHORTEST_SAMPLE:
            self._learn_rate(
                (received - self._sample_acked) / (now - self._sample_at),
                limited or self.excess > QUEUE_DELAY,
            )
            self._sample_acked, self._sample_at = received, now
        if sent <= received and not limited:
            # Nothing is under way: what comes next must not be measured across the pause.
            self._sample_acked = None

    def _take_delay(self, received: int, now: float) -> None:
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
            return
        delay = self.delay = now - at
        if before is not None:
            self.jitter += (abs(delay - before) - self.jitter) * JITTER_SHARE
        self.base_delay = min(self.base_delay, delay)
        self._last_delay = min(self._last_delay, delay)
        if now - self._delay_at > DELAY_MEMORY:
            self.base_delay, self._last_delay = self._last_delay, delay
            self._delay_at = now

    def _learn_rate(self, sample: float, full: bool) -> None:
        if sample > self.rate:
            self.rate = min(sample, self.rate * BOLDEST_STEP)
        elif full:
            self.rate += (sample - self.rate) * DECLINE
        self._set_window()

    def _set_window(self) -> None:
        wanted = int(self.rate * (QUEUE_DELAY + min(self.base_delay, LONGEST_DELAY)))
        self.window = max(self._floor, min(self._ceiling, wanted))
