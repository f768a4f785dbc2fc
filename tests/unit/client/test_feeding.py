"""Pictures as programs have them, on their way to a source: shapes, sizes, captures, figures."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib.figure
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf

from meetwidget.errors import BadPicture, NoFrame, NotConnected
from meetwidget.media.feed import Feed, pictures_of
from meetwidget.media.figure import FigureFeed, drawn
from meetwidget.media.fitting import Pixels, as_rgb, fit, size_of
from meetwidget.media.picture import Picture
from meetwidget.media.steps import Steps

PATIENCE_S = 30.0


class Source:
    """A source in no room, which keeps what it is to show."""

    source = "data:test"
    fps = 60.0

    def __init__(self, width: int = 8, height: int = 4, watched: bool = True) -> None:
        self.width, self.height, self.watched = width, height, watched
        self.shown: list[Pixels] = []
        self.error: Exception | None = None
        self.closed = threading.Event()
        self.left = False

    def write(self, picture: Pixels) -> None:
        if self.left:
            raise NotConnected("The room has been left.")
        assert picture.shape == (self.height, self.width, 3)
        self.shown.append(picture.copy())

    def wait_watched(self, timeout: float) -> bool:
        return self.watched

    def close(self) -> None:
        self.closed.set()


def fed(source: Source, frames: Any, first: Pixels | None = None) -> Feed:
    feed = Feed(source, first, pictures_of(frames))  # type: ignore[arg-type]
    assert source.closed.wait(PATIENCE_S)
    return feed


def flat(value: int, height: int = 4, width: int = 8) -> Pixels:
    return np.full((height, width, 3), value, np.uint8)


@pytest.mark.parametrize(
    ("picture", "pixel"),
    [
        (flat(7), (7, 7, 7)),
        (np.full((4, 8), 9, np.uint8), (9, 9, 9)),
        (np.full((4, 8, 1), 9, np.uint8), (9, 9, 9)),
        (np.dstack([flat(200), np.full((4, 8), 255, np.uint8)]), (200, 200, 200)),
        (np.dstack([flat(200), np.zeros((4, 8), np.uint8)]), (50, 50, 50)),
    ],
)
def test_what_is_clearly_a_picture_becomes_rgb(picture: Pixels, pixel: tuple[int, ...]) -> None:
    """Grey is repeated, opacity is mixed with the background, RGB stays as it is."""
    rgb = as_rgb(picture, background=50)
    assert (rgb.shape, rgb.dtype) == ((4, 8, 3), np.uint8)
    assert tuple(rgb[0, 0]) == pixel


@pytest.mark.parametrize(
    "thing", [np.zeros((4, 8, 3)), np.zeros((4, 8, 2), np.uint8), np.zeros(5, np.uint8), "picture"]
)
def test_what_is_no_picture_is_told(thing: Any) -> None:
    """The sentence names what came."""
    with pytest.raises(BadPicture, match="this one"):
        as_rgb(thing)


def test_a_picture_is_fitted_whole_and_undistorted() -> None:
    """A wide picture in a square gets bars above and below, a tall one at its sides."""
    wide = fit(flat(255, 100, 200), 64, 64)
    assert wide.shape == (64, 64, 3)
    assert (wide[:15] == 0).all()
    assert (wide[17:47] == 255).all()
    assert (wide[49:] == 0).all()
    tall = fit(flat(255, 200, 100), 64, 64, background=9)
    assert (tall[:, :15] == 9).all()
    assert (tall[:, 17:47] == 255).all()
    same = flat(3)
    assert fit(same, 8, 4) is same


def test_a_size_that_cannot_be_sent_is_scaled() -> None:
    """What is larger than can be encoded keeps its shape."""
    assert size_of(flat(0, 480, 640)) == (640, 480)
    assert size_of(np.zeros((4096, 8192, 3), np.uint8)) == (4096, 2048)
    assert size_of(np.zeros((1, 8, 3), np.uint8)) == (16, 16)


def test_a_generator_is_shown_to_its_end_and_closed() -> None:
    """Every picture, in order, the one taken first included; then the source goes, and the generator."""
    ended = []

    def pictures() -> Iterator[Pixels]:
        try:
            for value in (2, 3, 4):
                yield flat(value)
        finally:
            ended.append(True)

    source = Source()
    fed(source, pictures(), first=flat(1))
    assert [int(picture[0, 0, 0]) for picture in source.shown] == [1, 2, 3, 4]
    assert ended == [True]
    assert source.error is None


def test_a_capture_is_read_as_opencv_reads() -> None:
    """``read()`` gives blue first, and says itself when it has ended."""

    class Capture:
        def __init__(self) -> None:
            self.left = 2

        def read(self) -> tuple[bool, Any]:
            self.left -= 1
            return (True, flat(0) + np.uint8([10, 20, 30])) if self.left >= 0 else (False, None)

    source = Source()
    fed(source, Capture())
    assert len(source.shown) == 2
    assert tuple(source.shown[0][0, 0]) == (30, 20, 10)


def test_what_is_neither_is_told() -> None:
    """A thing that yields no pictures, and a single picture, are refused at once."""
    with pytest.raises(BadPicture, match="a int"):
        pictures_of(5)  # type: ignore[arg-type]
    with pytest.raises(BadPicture, match="single picture"):
        pictures_of(flat(1))


def test_an_error_in_a_generator_is_kept_and_reported(caplog: pytest.LogCaptureFixture) -> None:
    """The source goes, its error can be asked for, and the author gets a traceback."""

    def pictures() -> Iterator[Pixels]:
        yield flat(1)
        raise ZeroDivisionError("no luck")

    source = Source()
    fed(source, pictures())
    assert isinstance(source.error, ZeroDivisionError)
    assert "ended by an error" in caplog.text
    assert "no luck" in caplog.text


@pytest.mark.parametrize("end", [NoFrame("camera off"), NotConnected("left")])
def test_somebody_elses_pictures_may_just_end(
    end: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """A camera that is passed on and goes off is an end like any other, no error."""

    def pictures() -> Iterator[Pixels]:
        yield flat(1)
        raise end

    source = Source()
    fed(source, pictures())
    assert source.error is None
    assert "Traceback" not in caplog.text


def test_a_feed_that_is_stopped_takes_no_more() -> None:
    """After ``stop`` an endless generator is closed, not run on."""
    taken = threading.Semaphore(0)
    ended = threading.Event()

    def pictures() -> Iterator[Pixels]:
        try:
            while True:
                taken.release()
                yield flat(1)
        finally:
            ended.set()

    source = Source(watched=False)
    feed = Feed(source, None, pictures_of(pictures()))  # type: ignore[arg-type]
    for _ in range(3):
        assert taken.acquire(timeout=PATIENCE_S)
    feed.stop()
    assert source.closed.wait(PATIENCE_S)
    assert ended.wait(PATIENCE_S)


def figure(canvas: Any = FigureCanvasAgg, size: tuple[float, float] = (0.8, 0.4)) -> Any:
    made = matplotlib.figure.Figure(figsize=size, dpi=100, facecolor="none")
    canvas(made)
    return made


def test_a_figure_is_shown_whenever_it_is_drawn(tmp_path: Path) -> None:
    """Drawing shows it again, saving does not, and after the end drawing goes on without it."""
    shown = figure()
    now = drawn(shown)
    assert now.shape == (40, 80, 3)
    assert (now == 255).all(), "on white paper"
    source = Source(80, 40)
    feed = FigureFeed(source, shown, now)  # type: ignore[arg-type]
    shown.patch.set_facecolor("red")
    shown.canvas.draw()
    assert [tuple(picture[20, 40]) for picture in source.shown] == [(255, 255, 255), (255, 0, 0)]
    shown.savefig(tmp_path / "figure.png", dpi=30)
    shown.savefig(tmp_path / "figure.pdf")
    assert len(source.shown) == 2
    shown.set_size_inches(0.4, 0.4)
    shown.canvas.draw()
    assert tuple(source.shown[2][20, 40]) == (255, 0, 0), "the new shape is fitted into the old"
    assert tuple(source.shown[2][20, 2]) == (255, 255, 255)
    source.left = True
    shown.canvas.draw()
    source.left = False
    shown.canvas.draw()
    assert len(source.shown) == 3
    feed.stop()


def test_what_is_no_figure_is_told() -> None:
    """Another thing, and a figure that has no pixels."""
    with pytest.raises(BadPicture, match="this is a str"):
        drawn("figure")
    with pytest.raises(BadPicture, match="FigureCanvasPdf"):
        drawn(figure(FigureCanvasPdf))


def test_a_picture_carries_its_times() -> None:
    """Copies and parts keep them; what is computed is a plain array or a number."""
    picture = Picture.of(flat(4), 1000.5, 0.02)
    for derived in (picture.copy(), picture[1:, ::2]):
        assert isinstance(derived, Picture)
        assert (derived.captured, derived.delay) == (1000.5, 0.02)
    assert type(picture // 2) is np.ndarray
    assert type(picture.mean()) is np.float64
    assert type(picture.mean(axis=2)) is np.ndarray
    assert type(picture.max()) is np.uint8
    assert np.isnan(flat(4).view(Picture).captured)


def test_steps_suit_both_kinds_of_loop() -> None:
    """``async for`` goes on with the loop's other work while it waits for a step."""
    asked, go = threading.Event(), threading.Event()

    def step() -> int:
        asked.set()
        assert go.wait(PATIENCE_S)
        return 7

    async def main() -> int:
        waiting = asyncio.ensure_future(anext(Steps(step)))
        assert await asyncio.to_thread(asked.wait, PATIENCE_S)
        assert not waiting.done()
        go.set()
        return await waiting

    assert asyncio.run(main()) == 7
    assert next(Steps(step)) == 7


def test_a_loop_may_end_while_a_step_is_awaited() -> None:
    """A step that never comes holds up nothing, and one that comes late is not lost."""
    go = threading.Event()
    steps = Steps(lambda: go.wait(PATIENCE_S))

    async def impatient() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(anext(steps), 0.01)

    asyncio.run(impatient())
    assert not go.is_set(), "the loop has ended before the step came"
    go.set()
    assert asyncio.run(anext_of(steps)) is True


async def anext_of(steps: Steps[bool]) -> bool:
    return await anext(steps)


def test_an_error_of_a_step_is_the_waiters() -> None:
    """``async for`` raises what the step raised."""

    def step() -> int:
        raise NoFrame("nothing")

    async def main() -> None:
        async for _ in Steps(step):
            pass

    with pytest.raises(NoFrame, match="nothing"):
        asyncio.run(main())
