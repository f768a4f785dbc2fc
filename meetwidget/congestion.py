"""How much video to send, so that nothing is late because of a picture. No I/O.

Steps, in this order: leave out the upper temporal layer, lower the bitrate, encode nothing until
the line has drained. Sound is not governed here: it goes on. The same rules and figures as in
js/src/media/congestion.ts, where they were measured.
"""

from __future__ import annotations

import math

from meetwidget.flight import Line

DROP_UPPER_SECONDS = 0.12
"""With a queue from this on the upper layer (about 40 % of the bytes) stays out,"""
CLEAR_SECONDS = 0.03
"""and below this it goes again."""
SLOW_DOWN_SECONDS = 0.18
"""From this delay of what still arrives the bitrate falls."""
PAUSE_SECONDS = 0.4
"""From here nothing is encoded until the queue is below :data:`DROP_UPPER_SECONDS`."""

SETTLE_SECONDS = 0.4
"""The effect of a decrease is not to be seen any sooner."""
DELIVERED_SHARE = 0.85
"""A decrease goes to this part of what the line delivers while it has a queue,"""
DECREASE_MOST = 0.25
"""and at most to this part of the rate at once: a measurement may be wrong."""
DECREASE = 0.8
"""Without a measurement, or when the measured rate seems enough and the queue stays."""
BURST_SECONDS = 0.8
"""A key frame makes a queue on a line that bears the rate: it has this long to drain,"""
DROPPING_SECONDS = 2.0
"""and without the upper layer this long: half the pictures is no lasting answer."""

GROW_EVERY_SECONDS = 0.25
GROWTH = 1.12
"""So much each time while the line is clear; 8 % a second left half of a line unused."""
GROWTH_PROBING = 1.05
"""And so much at the rate where the line clogged before: feeling the way."""
NEAR = 0.9
"""How close it goes to that rate,"""
HOLD_FIRST_SECONDS = 4.0
"""for how long it stays below, at first,"""
HOLD_MOST_SECONDS = 8.0
"""and at most, when the line clogs there again and again."""
USED_SHARE = 0.5
"""Nothing is learned from a line that is hardly used: below this part of the rate it stays."""

START_BPS = 500_000.0
"""Most lines bear two small pictures; the rest is found out in a second or two."""
WINDOW_SECONDS = 0.25
"""More than what flies in this time besides the line's own delay is a queue, seen or not."""
WINDOW_LEAST_BYTES = 24_000
"""A key frame fits into any window."""
LEAST_BPS = 40_000.0
"""A picture of a kind at all."""


class RateController:
    """Governs all video of one client: the sources share one line."""

    def __init__(self) -> None:
        self.target = START_BPS
        """Bits a second for all video together."""
        self.drop_upper = False
        """Whether to leave the upper temporal layer out."""
        self._paused = False
        self._full = False
        self._dropping_since: float | None = None
        self._late_since: float | None = None
        self._grown_at = -math.inf
        self._decreased_at = -math.inf
        self._limit = math.inf
        """What the line delivered when it last clogged; it is gone beyond after a while."""
        self._hold = HOLD_FIRST_SECONDS

    @property
    def paused(self) -> bool:
        """Whether to encode nothing for now."""
        return self._paused or self._full

    def update(self, line: Line, useful_bps: float, now: float) -> None:
        """Judges the line anew; to be called before each picture.

        Args:
            line: to the relay.
            useful_bps: above this there is nothing to send, bits a second.
            now: seconds of a clock that never jumps.
        """
        window = self.target * (line.base + WINDOW_SECONDS) / 8
        self._full = line.in_flight > max(WINDOW_LEAST_BYTES, window)
        if line.queue > PAUSE_SECONDS:
            self._paused = True
        elif line.queue < DROP_UPPER_SECONDS:
            self._paused = False
        self.drop_upper = line.queue > (CLEAR_SECONDS if self.drop_upper else DROP_UPPER_SECONDS)
        self._dropping_since = _since(self._dropping_since, self.drop_upper, now)
        late = line.arrived_late > SLOW_DOWN_SECONDS
        self._late_since = _since(self._late_since, late, now)
        dropping = (
            self._dropping_since is not None and now - self._dropping_since > DROPPING_SECONDS
        )
        if late or dropping:
            self._decrease(line, dropping, now)
        if line.queue < CLEAR_SECONDS:
            self._grow(line, useful_bps, now)

    def _decrease(self, line: Line, dropping: bool, now: float) -> None:
        if now - self._decreased_at < SETTLE_SECONDS:
            return
        next_ = self.target * DECREASE
        if line.delivered_bps is not None:
            bearable = line.delivered_bps * DELIVERED_SHARE
            late_for = 0.0 if self._late_since is None else now - self._late_since
            if bearable >= self.target and not (dropping or late_for > BURST_SECONDS):
                return
            # The same limit again, after going beyond: it is the line's, so stay longer below.
            tried = now - self._decreased_at > self._hold
            if tried and line.delivered_bps < self._limit * 1.2:
                self._hold = min(HOLD_MOST_SECONDS, self._hold * 2)
            self._limit = line.delivered_bps
            if bearable < self.target:
                next_ = max(bearable, self.target * DECREASE_MOST)
        self._decreased_at = now
        self._dropping_since = None
        self.target = max(LEAST_BPS, next_)

    def _grow(self, line: Line, useful_bps: float, now: float) -> None:
        if now - self._grown_at < GROW_EVERY_SECONDS or now - self._decreased_at < SETTLE_SECONDS:
            return
        self._grown_at = now
        if self.target >= useful_bps or line.sent_bps < self.target * USED_SHARE:
            return
        most, factor = useful_bps, GROWTH
        if self.target > self._limit * 1.3:
            # Far beyond: the line is another one now.
            self._limit, self._hold = math.inf, HOLD_FIRST_SECONDS
        elif now - self._decreased_at < self._hold:
            most = min(useful_bps, self._limit * NEAR)
        elif self.target > self._limit * NEAR:
            factor = GROWTH_PROBING
        self.target = max(self.target, min(most, self.target * factor))


def _since(since: float | None, still: bool, now: float) -> float | None:
    if not still:
        return None
    return now if since is None else since
