"""How a line is shared out, whatever is watched on it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, strategies as st
from meetwidget_server.room.adaptation import (
    LONGEST_PATIENCE,
    PATIENCE,
    PAUSE_SHARE,
    UNKNOWN,
    Adaptation,
)
from meetwidget_server.room.allocation import UP_MARGIN, Tile, allocate, next_step

COSTS = (11_000.0, 19_000.0, 30_000.0, 50_000.0, 90_000.0, 150_000.0)


@st.composite
def tiles(draw: st.DrawFn) -> Tile:
    costs = draw(st.lists(st.floats(0, 200_000), min_size=2, max_size=6))
    return Tile(draw(st.integers(0, 9)), costs, draw(st.integers(0, len(costs))))


walls = st.lists(tiles(), max_size=12)
budgets = st.floats(-10_000, 2_000_000)


def cost(wall: list[Tile], levels: list[int]) -> float:
    return sum(tile.cost(level) for tile, level in zip(wall, levels, strict=True))


@given(walls, budgets)
def test_never_more_than_there_is(wall: list[Tile], budget: float) -> None:
    """All pictures together stay within the budget; a budget of nothing shows nothing that costs."""
    levels = allocate(wall, budget)
    assert all(0 <= level <= len(tile.costs) for tile, level in zip(wall, levels, strict=True))
    assert cost(wall, levels) <= max(0.0, budget) + 1e-3


@given(walls, budgets)
def test_result_stays_when_nothing_changes(wall: list[Tile], budget: float) -> None:
    """What was given is given again: no picture is taken away, and after a few rounds nothing moves."""
    levels = allocate(wall, budget)
    for _ in range(sum(len(tile.costs) for tile in wall) + 1):
        wall = [replace(tile, level=level) for tile, level in zip(wall, levels, strict=True)]
        again = allocate(wall, budget)
        if again == levels:
            return
        levels = again
    raise AssertionError("it never came to rest")


@given(walls, budgets)
def test_what_is_shown_is_not_dearer_for_it(wall: list[Tile], budget: float) -> None:
    """Where everything present fits, nothing of it is taken away."""
    present = [tile.level for tile in wall]
    if cost(wall, present) <= budget - 1e-3 and len({tile.priority for tile in wall}) <= 1:
        levels = allocate(wall, budget, most=0)
        assert levels == present


@given(walls, budgets)
def test_importance_comes_first(wall: list[Tile], budget: float) -> None:
    """A less important picture never takes a level that a more important one could have had."""
    fresh = [replace(tile, level=0) for tile in wall]
    levels = allocate(fresh, budget, margin=1.0)
    left = budget - cost(fresh, levels)
    for tile, level in zip(fresh, levels, strict=True):
        if level == len(tile.costs):
            continue
        # What the less important have above their smallest picture would not have paid for it.
        spare = sum(
            other.cost(had) - other.cost(1)
            for other, had in zip(fresh, levels, strict=True)
            if other.priority < tile.priority and had
        )
        assert tile.cost(level + 1) - tile.cost(level) > left + (spare if level else 0.0) - 1e-3


def test_everybody_small_before_anybody_large() -> None:
    """With room for a picture of each, the pinned one does not take it all."""
    wall = [Tile(9, COSTS, 6), *[Tile(3, COSTS, 6) for _ in range(5)]]
    levels = allocate(wall, 6 * 11_000 + 39_500)
    assert levels == [4, 1, 1, 1, 1, 1]


def test_equals_get_equal_shares() -> None:
    """Tiles of the same importance differ by one level at most."""
    wall = [Tile(3, COSTS, 6) for _ in range(7)]
    for budget in range(0, 1_200_000, 17_000):
        levels = allocate(wall, budget)
        assert max(levels) - min(levels) <= 1


def test_more_has_to_fit_with_a_margin() -> None:
    """A level that would just fit is not taken, and one that just fits is not given up."""
    wall = [Tile(3, COSTS, 2)]
    assert allocate(wall, COSTS[2] * (UP_MARGIN - 0.05)) == [2]
    assert allocate([replace(wall[0], level=3)], COSTS[2]) == [3]


def test_paused_tiles_are_tried_first() -> None:
    """A picture at all is worth more than a larger one, whoever is shown."""
    wall = [Tile(9, COSTS, 3), Tile(3, COSTS, 0), Tile(6, COSTS, 0), Tile(3, COSTS, 6)]
    assert next_step(wall) == 2
    assert next_step([Tile(3, COSTS, 6)]) is None


LONGEST_PAUSE = LONGEST_PATIENCE * PAUSE_SHARE


class Line:
    """A line of so many bytes a second that tells at every tick whether it is full."""

    def __init__(self, rate: float, wall: list[Tile]) -> None:
        self.rate = rate
        self.now = 0.0
        self.line = Adaptation()
        self.wall = wall
        self.tries = 0

    @property
    def levels(self) -> list[int]:
        return [tile.level for tile in self.wall]

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds * 10)):
            self.now += 0.1
            load = cost(self.wall, self.levels)
            if load > self.rate:
                levels = self.line.full(self.wall, self.rate, 0.0, self.now)
            elif self.line.capacity == UNKNOWN:
                continue
            else:
                levels = self.line.calm(self.wall, load, 0.0, self.now)
                self.tries += levels != self.levels
            self.wall = [replace(t, level=n) for t, n in zip(self.wall, levels, strict=True)]


@pytest.mark.parametrize("rate", [20_000, 60_000, 200_000, 700_000])
def test_line_is_used_well_and_tried_seldom(rate: float) -> None:
    """On a steady line the pictures fill what is there, with a try every few seconds at most."""
    line = Line(rate, [Tile(3, COSTS, 6) for _ in range(4)])
    line.run(30)
    line.tries = 0
    used: list[float] = []
    for _ in range(60):
        line.run(1)
        used.append(cost(line.wall, line.levels))
    assert sorted(used)[30] >= 0.5 * min(rate, 4 * COSTS[-1])
    assert line.tries <= 60 / PATIENCE


def test_line_that_widens_is_full_again_within_seconds() -> None:
    """From next to nothing to everything, for nine tiles, in less than half a minute; paused ones sooner."""
    line = Line(12_000, [Tile(3, COSTS, 6) for _ in range(9)])
    line.run(60)
    assert line.levels.count(0) >= 8
    line.rate = 10_000_000
    line.run(LONGEST_PAUSE + 6)
    assert 0 not in line.levels
    line.run(10)
    assert line.levels == [6] * 9


def test_paused_tile_is_tried_every_few_seconds() -> None:
    """However often it failed: after 8 s at the latest there is another try."""
    line = Line(5_000, [Tile(3, COSTS, 6)])
    line.run(60)
    line.tries = 0
    line.run(60)
    assert 60 / (LONGEST_PAUSE + 2) <= line.tries <= 60 / PATIENCE / PAUSE_SHARE
