"""When a receiver gets less than they asked for, how much, and when more again.

Nothing is known of a line that was never full, so everything is sent. A verdict of
:class:`.estimate.LineEstimate` makes its capacity known; from then on the pictures are shared
out by :mod:`.allocation`. More is believed again in two ways: what was delivered for a while
without a queue is believed twice over, and one level more is simply tried. A try that fails
doubles the patience before the next.
"""

from __future__ import annotations

from collections.abc import Sequence

from .allocation import Tile, allocate, next_step

HEADROOM = 0.9
"""Share of a line's capacity that pictures may fill: key frames are larger than the average."""
SHARED_LINE = 0.85
"""Share of what pictures had that is left to them when the sound beside them comes late."""
CALM = 1.0
"""Seconds after a change, in which a line shows what it makes of it, before one upwards."""
PATIENCE = 2.0
"""Seconds without a verdict before a try."""
LONGEST_PAUSE = 8.0
"""Longest patience while a tile is paused: seconds without a picture are noticed."""
LONGEST_PATIENCE = 16.0
TRIAL = 3.0
"""Seconds within which a verdict is laid to the last try."""
DOUBT = 0.8
"""Share of what is sent that is left when the line is full though by its capacity it is not."""
FORGET_AFTER = 10.0
"""Seconds with everything and no verdict, after which the capacity is unknown again."""
PROOF = 2.0
"""So many times what was delivered without a queue is believed."""
UNKNOWN = float("inf")


class Adaptation:
    """One receiver's line. All rates in bytes a second, times in seconds."""

    __slots__ = ("_calm_since", "_changed_at", "_patience", "_tried_at", "capacity")

    def __init__(self) -> None:
        self.capacity = UNKNOWN
        """What pictures may fill of the line; infinite while nothing speaks against it."""
        self._calm_since = self._changed_at = self._tried_at = float("-inf")
        self._patience = PATIENCE

    def full(self, tiles: Sequence[Tile], capacity: float, reserve: float, now: float) -> list[int]:
        """The line is full: returns the levels that fit it.

        Args:
            tiles: what is watched, at the present levels.
            capacity: what the line was seen to carry.
            reserve: what of it sound needs.
            now: seconds.
        """
        self.capacity = min(self.capacity, capacity)
        if now - self._tried_at < TRIAL:
            self._patience = min(LONGEST_PATIENCE, self._patience * 2)
            self._tried_at = float("-inf")
        self._calm_since = now
        levels = self.fit(tiles, reserve, most=0)
        present = [tile.level for tile in tiles]
        if levels == present and any(present) and now - self._changed_at >= CALM:
            cost = sum(tile.cost(tile.level) for tile in tiles)
            self.capacity = DOUBT * cost / HEADROOM
            levels = allocate(tiles, DOUBT * cost - reserve, most=0)
        if levels != present:
            self._changed_at = now
        return levels

    def fit(self, tiles: Sequence[Tile], reserve: float, most: int | None = None) -> list[int]:
        """Returns the levels for what is watched now, by what is known of the line."""
        return allocate(tiles, self.capacity * HEADROOM - reserve, most=most)

    def calm(
        self, tiles: Sequence[Tile], delivered: float, reserve: float, now: float
    ) -> list[int]:
        """The line is not full: returns the levels to have now, perhaps higher ones.

        ``delivered``: what it delivered lately.
        """
        present = [tile.level for tile in tiles]
        calm = now - self._calm_since
        if calm >= self._patience + TRIAL:
            self._patience = PATIENCE
        step = next_step(tiles)
        if step is None:
            if calm >= FORGET_AFTER:
                self.capacity = UNKNOWN
            return present
        if now - self._changed_at < CALM or calm < CALM:
            return present
        patience = self._patience
        if not present[step]:
            patience = min(LONGEST_PAUSE, patience)
        self.capacity = max(self.capacity, delivered)
        if calm >= patience:
            self.capacity = max(self.capacity, PROOF * delivered)
        levels = self.fit(tiles, reserve)
        if any(new < old for new, old in zip(levels, present, strict=True)):
            levels = present  # dearer than it was, and the line bears it
        if levels == present and calm >= patience:
            levels = list(present)
            levels[step] += 1
        if levels != present:
            self._changed_at = self._tried_at = now
        return levels
