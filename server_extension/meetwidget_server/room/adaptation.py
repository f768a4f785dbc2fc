"""When a receiver gets smaller pictures than they asked for, and when larger ones again.

A single broken lane is a hiccup: its key frame comes and all is well. Breaks that repeat mean
that the line does not carry what is sent. Going up again is an experiment, whose price is
another break; each failed one doubles the patience before the next.
"""

from __future__ import annotations

BREAKS = 2
"""So many breaks within :data:`BREAKS_WITHIN` seconds are a verdict."""
BREAKS_WITHIN = 5.0
SETTLE = 1.0
"""Seconds after a step down before another one."""
PATIENCE = 3.0
"""Seconds without a break before a step up."""
LONGEST_PATIENCE = 48.0


class Adaptation:
    """One media socket's ladder; ``step`` is asked at every tick."""

    __slots__ = ("_breaks", "_calm_since", "_down_at", "_patience", "_up_at", "reduced")

    def __init__(self, now: float) -> None:
        self._breaks: list[float] = []
        self._calm_since = now
        self._down_at = float("-inf")
        self._up_at = float("-inf")
        self._patience = PATIENCE
        self.reduced = 0
        """Steps down from what the receiver asked for."""

    def step(self, breaks: int, now: float) -> int:
        """Returns -1, 0 or 1 for the breaks counted since the last call."""
        if breaks:
            self._calm_since = now
            self._breaks = [at for at in self._breaks if now - at < BREAKS_WITHIN]
            self._breaks += [now] * breaks
            if len(self._breaks) < BREAKS or now - self._down_at < SETTLE:
                return 0
            self._breaks = []
            self._down_at = now
            if now - self._up_at < BREAKS_WITHIN:
                self._patience = min(LONGEST_PATIENCE, self._patience * 2)
            self.reduced += 1
            return -1
        if self.reduced and now - self._calm_since >= self._patience:
            self._calm_since = self._up_at = now
            self.reduced -= 1
            return 1
        return 0
