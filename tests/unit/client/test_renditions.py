"""Which renditions a kernel offers, and what the line leaves of them."""

from __future__ import annotations

import pytest

from meetwidget.congestion import START_BPS
from meetwidget.flight import Line
from meetwidget.media.renditions import plan, sizes
from meetwidget.uplink import LEAST_SHARE, Allowance, Uplink


@pytest.mark.parametrize(
    ("source", "offered"),
    [
        ((64, 64), [(64, 64)]),
        ((320, 180), [(320, 180)]),
        ((640, 360), [(320, 180), (640, 360)]),
        ((960, 540), [(320, 180), (640, 360), (960, 540)]),
        ((1280, 720), [(320, 180), (640, 360), (1280, 720)]),
        ((360, 640), [(102, 180), (202, 360), (360, 640)]),
        ((4096, 270), [(2730, 180), (4096, 270)]),
        ((16, 4096), [(16, 180), (16, 360), (16, 4096)]),
    ],
)
def test_tiles_get_pictures_of_their_size(
    source: tuple[int, int], offered: list[tuple[int, int]]
) -> None:
    """180 and 360 lines where the source has clearly more, and always the source itself."""
    assert sizes(*source) == offered


def test_bitrates_grow_slower_than_pixels() -> None:
    """Twice the pixels take less than twice the bits; bounds keep both ends sensible."""
    small, middle, large = (
        plan(w, h, 20).bitrate for w, h in ((320, 180), (640, 360), (1280, 720))
    )
    assert small < middle < large < 4 * middle
    assert plan(16, 16, 1).bitrate == 80_000
    assert plan(4096, 4096, 60).bitrate == 4_000_000


def free(in_flight: int = 0) -> Line:
    return Line(in_flight, 0.0, 0.0, 0.02, None, 0.0)


def test_sources_share_one_line() -> None:
    """What the line bears is divided among all that is watched, and is all one's own when alone."""
    uplink = Uplink(free)
    uplink.load("camera", START_BPS)
    assert uplink.admit() == Allowance(1.0, False)
    uplink.load("screen", START_BPS)
    assert uplink.admit() == Allowance(0.5, False)
    uplink.load("screen", 0)
    assert uplink.share == 1.0
    uplink.load("simulation", 1000 * START_BPS)
    assert uplink.share == LEAST_SHARE


def test_a_line_that_is_down_or_full_takes_no_picture() -> None:
    """Nothing is encoded that would not go out, whoever asks."""
    line: list[Line | None] = [None]
    uplink = Uplink(lambda: line[0])
    uplink.load("camera", START_BPS)
    assert uplink.admit() is None
    line[0] = free(10_000_000)
    assert uplink.admit() is None
    line[0] = free()
    assert uplink.admit() is not None
