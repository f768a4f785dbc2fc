"""The relay's clock: the time of day for stamps, which never runs backwards for timers."""

from __future__ import annotations

import time

_SUDDEN_S = 1.0
"""A lag behind the time of day that only a sleeping machine or a set clock explains."""
_SLEW = 0.05
"""Part of the elapsed time by which a clock that is ahead is held back."""


class Clock:
    """Seconds since 1970, monotonic; :meth:`adjust` keeps it near the time of day."""

    def __init__(self) -> None:
        self._monotonic = time.monotonic
        self._offset = time.time() - time.monotonic()
        self._adjusted = time.monotonic()

    def __call__(self) -> float:
        """Returns the time."""
        return self._monotonic() + self._offset

    def adjust(self) -> None:
        """Follows the time of day: at once when behind it, slowly when ahead."""
        monotonic = self._monotonic()
        elapsed, self._adjusted = monotonic - self._adjusted, monotonic
        behind = time.time() - monotonic - self._offset
        if behind > _SUDDEN_S:
            self._offset += behind
        elif behind < -_SUDDEN_S:
            self._offset -= min(-behind, elapsed * _SLEW)
