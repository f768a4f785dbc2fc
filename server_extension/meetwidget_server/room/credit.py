"""How many bytes may be under way to one receiver, learned from its acknowledgements.

Neither a socket's write buffer nor the kernel's says what waits in proxies and modems in
between; only the receiver knows. The window is what the line delivered lately, times its own
delay plus :data:`QUEUE_DELAY`. A window-limited sender on a line with room to spare thus
measures more than before and grows geometrically with every acknowledgement; on a full line
it settles at :data:`QUEUE_DELAY` of standing queue. (A prototype that grew 8 %/s left half of
a line unused.)
"""

from __future__ import annotations

QUEUE_DELAY = 0.2
"""Seconds of queue the window allows at the bottleneck."""
START_RATE = 160_000.0
"""Bytes a second believed of a line before it is measured: 1.3 Mbit/s, the first window 48 kB."""
START_DELAY = 0.1
LONGEST_DELAY = 0.5
"""Seconds of round trip believed at most: beyond is queue, whoever caused it."""
SHORTEST_SAMPLE = 0.02
"""Seconds; acknowledgements closer together arrive in bursts and measure the burst."""
BOLDEST_STEP = 4.0
"""Largest growth of the estimate in one sample."""
DECLINE = 0.3
"""Share by which the estimate follows a smaller measurement."""
DELAY_MEMORY = 15.0
"""Seconds after which the least delay seen is measured anew: routes change."""


class Credit:
    """The estimate for one socket; all times in seconds, amounts in bytes."""

    __slots__ = (
        "_ceiling",
        "_delay",
        "_delay_at",
        "_floor",
        "_last_delay",
        "_probe_at",
        "_probe_sent",
        "_sample_acked",
        "_sample_at",
        "acked",
        "rate",
        "window",
    )

    def __init__(self, floor: int, ceiling: int, now: float) -> None:
        self._floor = floor
        self._ceiling = ceiling
        self.acked = 0
        self.rate = START_RATE
        self.window = 0
        self._delay = START_DELAY
        self._last_delay = START_DELAY
        self._delay_at = now
        self._probe_sent: int | None = None
        self._probe_at = now
        self._sample_acked: int | None = None
        self._sample_at = now
        self._set_window()

    def acknowledge(self, received: int, sent: int, limited: bool, now: float) -> None:
        """The receiver has ``received`` of ``sent`` bytes; ``limited``: more would have gone.

        A claim beyond ``sent`` counts as ``sent``; one that goes back is ignored.
        """
        received = min(received, sent)
        if received <= self.acked:
            return
        self.acked = received
        excess = 0.0
        if self._probe_sent is not None and received >= self._probe_sent:
            delay = now - self._probe_at
            self._learn_delay(delay, now)
            excess = delay - self._delay
            self._probe_sent = None
        if self._sample_acked is None:
            self._sample_acked, self._sample_at = received, now
        elif now - self._sample_at >= SHORTEST_SAMPLE:
            self._learn_rate(
                (received - self._sample_acked) / (now - self._sample_at),
                limited or excess > QUEUE_DELAY + START_DELAY,
            )
            self._sample_acked, self._sample_at = received, now
        if sent > received:
            if self._probe_sent is None:
                self._probe_sent, self._probe_at = sent, now
        elif not limited:
            # Nothing is under way: what comes next must not be measured across the pause.
            self._probe_sent = self._sample_acked = None

    def _learn_rate(self, sample: float, full: bool) -> None:
        if sample > self.rate:
            self.rate = min(sample, self.rate * BOLDEST_STEP)
        elif full:
            self.rate += (sample - self.rate) * DECLINE
        self._set_window()

    def _learn_delay(self, delay: float, now: float) -> None:
        if delay < self._delay:
            self._delay = delay
        self._last_delay = min(self._last_delay, delay)
        if now - self._delay_at > DELAY_MEMORY:
            self._delay, self._last_delay = self._last_delay, delay
            self._delay_at = now

    def _set_window(self) -> None:
        wanted = int(self.rate * (QUEUE_DELAY + min(self._delay, LONGEST_DELAY)))
        self.window = max(self._floor, min(self._ceiling, wanted))
