"""The one clock that media are stamped with, and its relation to the relay's."""

from __future__ import annotations

import time

_ORIGIN_US = time.time_ns() // 1000 - time.monotonic_ns() // 1000
"""What makes the monotonic clock count from 1970, as browsers' ``performance`` does."""


def now_us() -> int:
    """Returns µs since 1970 on a clock that never jumps."""
    return _ORIGIN_US + time.monotonic_ns() // 1000


class RelayClock:
    """Estimates relay clock minus :func:`now_us` from ping and pong.

    The exchange with the least round trip counts: its error is at most half of that.
    """

    def __init__(self) -> None:
        self.offset_us = 0
        self.round_trip_us: int | None = None

    def pong(self, sent_us: int, relay_us: int, received_us: int) -> None:
        """Takes one exchange into account."""
        round_trip = received_us - sent_us
        if round_trip < 0:
            return
        if self.round_trip_us is None or round_trip < self.round_trip_us:
            self.round_trip_us = round_trip
            self.offset_us = relay_us - (sent_us + round_trip // 2)

    def stamp(self) -> int:
        """Returns now on the relay's clock, µs: what a capture time is stamped with."""
        return now_us() + self.offset_us
