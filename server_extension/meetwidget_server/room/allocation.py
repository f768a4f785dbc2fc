"""How what a line carries is shared out among the pictures of one receiver.

First every tile gets its smallest picture, the important ones first; then the important ones
get all they can, level by level, in turn among equals. A level is a rendition with or without
its upper temporal layer. Sound is not here: it comes before all of this.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

UP_MARGIN = 1.15
"""A level above the present one must fit so many times: measured bitrates swing by as much."""


@dataclass(frozen=True, slots=True)
class Tile:
    """One watched picture."""

    priority: int
    costs: Sequence[float]
    """Bytes a second of each level, the smallest first; the last is what was asked for."""
    level: int
    """How many levels it has now: 0 is paused, ``len(costs)`` is all."""

    def cost(self, level: int) -> float:
        """Returns the bytes a second of a level, dearer levels never cheaper than the ones below."""
        return max(self.costs[:level], default=0.0)


def allocate(
    tiles: Sequence[Tile], budget: float, *, margin: float = UP_MARGIN, most: int | None = None
) -> list[int]:
    """Returns the level of each tile, so that all together stay within ``budget``.

    Args:
        tiles: what is watched.
        budget: bytes a second.
        margin: how many times a level above the present one must fit.
        most: how many levels above its present one a tile may get at most; ``None``: any.

    What is shown already is not dearer for it, so a result given back as ``level`` stays.
    """
    levels = [0] * len(tiles)
    left = budget
    ranks = sorted({tile.priority for tile in tiles}, reverse=True)

    def raise_one(index: int) -> bool:
        nonlocal left
        tile, level = tiles[index], levels[index] + 1
        if level > len(tile.costs) or (most is not None and level > tile.level + most):
            return False
        price = tile.cost(level) * (margin if level > tile.level else 1.0)
        before = tile.cost(level - 1) * (margin if level - 1 > tile.level else 1.0)
        if price - before > left:
            return False
        left -= price - before
        levels[index] = level
        return True

    by_rank = [
        # Among equals those that are shown stay before others come.
        sorted(
            (index for index, tile in enumerate(tiles) if tile.priority == rank),
            key=lambda index: tiles[index].level == 0,
        )
        for rank in ranks
    ]
    for members in by_rank:
        for index in members:
            raise_one(index)
    for members in by_rank:
        rising = [index for index in members if levels[index]]
        while rising:
            rising = [index for index in rising if raise_one(index)]
    return levels


def next_step(tiles: Sequence[Tile]) -> int | None:
    """Returns the tile that is tried next on a line of which more is not known, if any is reduced.

    Paused ones first, then by importance, then what lacks most.
    """
    reduced = [index for index, tile in enumerate(tiles) if tile.level < len(tile.costs)]

    def rank(index: int) -> tuple[bool, int, int]:
        tile = tiles[index]
        return tile.level > 0, -tile.priority, tile.level - len(tile.costs)

    return min(reduced, key=rank, default=None)
