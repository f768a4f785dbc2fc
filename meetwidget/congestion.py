"""How much video to send, so that nothing is late because of a picture. No I/O.

Steps, in this order: leave out the upper temporal layer, lower the bitrate, encode nothing until
the line has drained. Sound is not governed here: it goes on. The same as
js/src/media/congestion.ts.
"""

from __future__ import annotations

import math

from meetwidget.flight import Line

DROP_UPPER_SECONDS = 0.1
"""With a queue longer than this the upper layer (about 40 % of the bytes) stays out,"""
SLOW_DOWN_SECONDS = 0.2
"""than this the bitrate falls,"""
PAUSE_SECONDS = 0.4
"""and than this nothing is encoded until it is shorter than the first."""
CLEAR_SECONDS = 0.03
"""While it is shorter than this the bitrate grows."""
DROPPING_SECONDS = 2.0
"""So long without the upper layer, and the bitrate falls: half the pictures is no lasting answer."""
GROW_AFTER_SECONDS = 0.5
SETTLE_SECONDS = 0.5
"""The effect of a decrease is not to be seen any sooner."""
DELIVERED_SHARE = 0.85
"""A decrease goes to this part of what the line was seen to deliver,"""
DECREASE = 0.7
"""and to this part of what was sent."""
GROWTH = 1.15
"""Each half second; + 8 % a second left half of a line unused (measured)."""
GROWTH_NEAR_LIMIT = 1.04
"""Careful near the rate at which the line last clogged, for a while."""
NEAR = 0.1
LIMIT_MEMORY_SECONDS = 15.0
LEAST_SHARE = 0.2
"""Less than this part of the nominal bitrate is no picture any more."""


class RateController:
    """Governs the pictures of one source, as a share of what its renditions nominally take."""

    def __init__(self) -> None:
        self.share = 1.0
        """Part of the nominal bitrates to encode at; most lines bear all of it."""
        self.paused = False
        """Whether to encode nothing for now."""
        self.drop_upper = False
        """Whether to leave the upper temporal layer out."""
        self._dropping_since: float | None = None
        self._clear_since: float | None = None
        self._decreased_at = -math.inf
        self._limit = math.inf

    def update(self, line: Line, nominal_bps: float, now: float) -> None:
        """Judges the line anew; to be called before each picture.

        Args:
            line: to the relay.
            nominal_bps: what everything that is on nominally takes, bits a second.
            now: seconds of a clock that never jumps.
        """
        queue = line.queue_seconds
        if queue > PAUSE_SECONDS:
            self.paused = True
        elif queue < DROP_UPPER_SECONDS:
            self.paused = False
        self.drop_upper = queue > (CLEAR_SECONDS if self.drop_upper else DROP_UPPER_SECONDS)
        if not self.drop_upper:
            self._dropping_since = None
        elif self._dropping_since is None:
            self._dropping_since = now
        lasting = self._dropping_since is not None and now - self._dropping_since > DROPPING_SECONDS
        if queue > SLOW_DOWN_SECONDS or lasting:
            self._decrease(line, nominal_bps, now)
        if queue < CLEAR_SECONDS:
            self._grow(now)
        else:
            self._clear_since = None

    def _decrease(self, line: Line, nominal_bps: float, now: float) -> None:
        if now - self._decreased_at < SETTLE_SECONDS:
            return
        self._decreased_at = now
        self._dropping_since = None
        delivered = math.inf
        if line.delivered_bps is not None and nominal_bps > 0:
            delivered = line.delivered_bps / nominal_bps
        self._limit = min(self.share, delivered)
        self.share = max(LEAST_SHARE, min(self.share * DECREASE, delivered * DELIVERED_SHARE))

    def _grow(self, now: float) -> None:
        if self._clear_since is None:
            self._clear_since = now
        if now - self._clear_since < GROW_AFTER_SECONDS:
            return
        self._clear_since = now
        if now - self._decreased_at > LIMIT_MEMORY_SECONDS:
            self._limit = math.inf
        near = abs(self.share / self._limit - 1) < NEAR
        self.share = min(1.0, self.share * (GROWTH_NEAR_LIMIT if near else GROWTH))
