"""The least of a measured value over the last while."""

from __future__ import annotations

MEMORY = 6.0
"""Seconds after which the least delay seen is measured anew: routes change, and a line that is longer
than before looks full until then."""


class Least:
    """Forgets in two steps: what was least in the last six to twelve seconds."""

    __slots__ = ("_next", "_since", "value")

    def __init__(self, start: float, now: float) -> None:
        self.value = self._next = start
        self._since = now

    def take(self, value: float, now: float) -> float:
        """Returns the least, with a new value taken in."""
        self.value = min(self.value, value)
        self._next = min(self._next, value)
        if now - self._since > MEMORY:
            self.value, self._next = self._next, value
            self._since = now
        return self.value
