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
SETTLING = 1.0
"""Seconds after a change in which a line shows what it makes of it."""
FAR_OFF = 0.7
"""Share of what was just decided on that a line must carry at least to be left alone that long."""
DRAINED = 2.0
"""Seconds after which a change has taken effect and what waited before it has gone."""
DOUBT = 0.8
"""Share of what is sent that is left when the line is full though by its capacity it is not."""
PATIENCE = 4.0
"""Seconds without a verdict before a try; doubled by each one that fails."""
PAUSE_SHARE = 0.5
"""Share of the patience that a paused tile has to wait: seconds without a picture are noticed."""
LONGEST_PATIENCE = 32.0
LONGEST_PAUSE = 8.0
"""Seconds that a paused tile waits at most."""
TRIAL = 3.0
"""Seconds within which a verdict is laid to the last step up."""
BREAKS = 2
"""Losses of pictures within :data:`BREAKS_WITHIN` seconds that are a verdict; one is a hiccup."""
BREAKS_WITHIN = 3.0
BURST = 1.0
"""Seconds after a step up in which its key frame is asked for, comes, and passes."""
NEAR = 0.95
"""Share of a load that was too much, from where on patience is needed."""
DISPROOF = 1.2
"""A line that delivers so many times what it was thought to carry has changed for the better."""
FORGET_AFTER = 60.0
"""Seconds after which a verdict says nothing any more."""
CLEAR_AFTER = 10.0
"""Seconds with everything and no verdict, after which the capacity is unknown again."""
LEAST = 1
"""Level that the most important picture keeps while the line carries a good part of it."""
PROOF = 2.0
"""So many times what was delivered without a queue is believed."""
UNKNOWN = float("inf")


class Adaptation:
    """One receiver's line. All rates in bytes a second, times in seconds."""

    __slots__ = (
        "_before_trial",
        "_breaks",
        "_calm_since",
        "_carried",
        "_changed_at",
        "_fell_back",
        "_patience",
        "_proved",
        "_too_much",
        "_tried_at",
        "capacity",
        "look_at",
    )

    def __init__(self) -> None:
        self.capacity = UNKNOWN
        """What pictures may fill of the line; infinite while nothing speaks against it."""
        self.look_at = float("-inf")
        """When more may be given next: not every tick, with many tiles on many lines."""
        self._calm_since = self._changed_at = self._tried_at = float("-inf")
        self._patience = PATIENCE
        self._before_trial: list[int] = []
        self._proved = False
        """Whether the line had carried those for a while."""
        self._fell_back = False
        """Whether the last change went back to them."""
        self._breaks: list[float] = []
        self._too_much = UNKNOWN
        """The load at the last verdict."""
        self._carried = 0.0
        """What the line carried of it."""

    def broken(self, now: float) -> None:
        """A picture's deltas were given up, because they came too late for their deadline."""
        self._breaks = [at for at in self._breaks if now - at < BREAKS_WITHIN] + [now]
        self._calm_since = now

    @property
    def burst_until(self) -> float:
        """Until when what comes late may be the key frames of the last step up."""
        return self._tried_at + BURST

    def breaking(self, now: float) -> bool:
        """Whether that happens too often."""
        return bool(self._breaks) and sum(now - at < BREAKS_WITHIN for at in self._breaks) >= BREAKS

    def full(self, tiles: Sequence[Tile], capacity: float, reserve: float, now: float) -> list[int]:
        """The line is full: returns the levels that fit it.

        Args:
            tiles: what is watched, at the present levels.
            capacity: what the line was seen to carry.
            reserve: what of it sound needs.
            now: seconds.
        """
        self._calm_since = now
        present = [tile.level for tile in tiles]
        load = total(tiles, present)
        if not any(present):
            return present  # nothing is left but what is under way, or sound
        settling = now - self._changed_at < SETTLING and self._tried_at != self._changed_at
        if settling and capacity >= FAR_OFF * (load + reserve):
            return present  # what was too much before has yet to drain
        if self._fell_back and now - self._changed_at < DRAINED:
            return present  # it carried this before the try that failed, and will again
        self.capacity = min(self.capacity, capacity)
        self._too_much, self._carried = load, capacity
        self._fell_back = False
        levels = self.fit(tiles, reserve, most=0)
        # One step often is the upper layer, which nobody needs a key frame for.
        one_less = [max(0, level - 1) for level in present]
        if total(tiles, one_less) + reserve <= capacity:
            levels = [max(pair) for pair in zip(levels, one_less, strict=True)]
        if now - self._tried_at < TRIAL:
            self._patience = min(LONGEST_PATIENCE, self._patience * 2)
            before = [min(pair) for pair in zip(self._before_trial, present, strict=False)]
            known = len(before) == len(tiles)
            need = total(tiles, before) + reserve
            if known:
                self._carried = max(capacity, need)
            # While the try's key frame clogs the line, little is delivered: that says nothing of before.
            if known and (self._proved or capacity >= FAR_OFF * need):
                levels = before
                self._fell_back = self._proved
                self.capacity = max(self.capacity, need / HEADROOM)
        elif levels == present and any(present) and now - self._changed_at >= DRAINED:
            self.capacity = DOUBT * (load + reserve) / HEADROOM
            levels = self.fit(tiles, reserve, most=0)
        trial = now - self._tried_at < TRIAL and not any(self._before_trial)
        if not any(levels) and not trial:
            levels = self._least(tiles, capacity - reserve, now)
        self._tried_at = float("-inf")
        self._breaks = []
        if levels != present:
            self._changed_at = now
        return levels

    def _least(self, tiles: Sequence[Tile], left: float, now: float) -> list[int]:
        """Keeps one picture moving, unless the line has shown that it does not carry even that."""
        present = [tile.level for tile in tiles]
        shown = [index for index, level in enumerate(present) if level]
        first = max(shown, key=lambda index: tiles[index].priority)
        least = [LEAST if index == first else 0 for index in range(len(tiles))]
        tested = present == least and now - self._changed_at >= DRAINED
        return [0] * len(tiles) if tested and left < FAR_OFF * total(tiles, least) else least

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
        since = now - self._changed_at
        borne = since >= TRIAL and calm >= TRIAL and total(tiles, present) >= NEAR * self._too_much
        if borne or delivered > DISPROOF * self._carried or calm >= FORGET_AFTER:
            self._patience, self._too_much = PATIENCE, UNKNOWN
        elif TRIAL <= now - self._tried_at < UNKNOWN:
            self._patience = max(PATIENCE, self._patience / 2)  # it bears what was tried
            self._tried_at = float("-inf")
        step = next_step(tiles)
        if step is None:
            if calm >= CLEAR_AFTER:
                self.capacity = UNKNOWN
            return present
        if since < SETTLING or calm < SETTLING:
            return present
        patience = self._patience
        if not present[step]:
            patience = min(LONGEST_PAUSE, patience * PAUSE_SHARE)
        patient = calm >= patience and since >= patience
        self.capacity = max(self.capacity, delivered)
        if calm >= patience:
            self.capacity = max(self.capacity, PROOF * delivered)
        budget = self.capacity * HEADROOM
        if not patient:
            budget = min(budget, NEAR * self._too_much + reserve)
        levels = allocate(tiles, budget - reserve)
        if any(new < old for new, old in zip(levels, present, strict=True)):
            levels = list(present)  # dearer than it was, and the line bears it
        if levels == present and patient:
            levels[step] += 1
            worth = total(tiles, levels) <= PROOF * max(
                delivered, self.capacity * HEADROOM - reserve
            )
            if present[step] and not worth:
                levels = list(present)  # far from what it delivers: the key frame alone would hurt
        if levels != present:
            self._proved = any(present) and since >= TRIAL and calm >= TRIAL
            self._before_trial = present
            self._fell_back = False
            self._changed_at = self._tried_at = now
        return levels


def total(tiles: Sequence[Tile], levels: Sequence[int]) -> float:
    """Returns the bytes a second of all tiles at these levels."""
    return sum(tile.cost(level) for tile, level in zip(tiles, levels, strict=True))
