"""The ways to publish pictures: written one by one, from a generator or camera, from a figure."""

from __future__ import annotations

from typing import Any

from meetwidget.clock import RelayClock
from meetwidget.errors import BadPicture
from meetwidget.media.feed import Feed, Frames, pictures_of
from meetwidget.media.figure import FigureFeed, drawn
from meetwidget.media.fitting import size_of
from meetwidget.media.video_out import VideoOut
from meetwidget.media_desk import MediaDesk

USUAL = (640, 360)
"""Width and height, pixels, where nothing else says them."""


def publish_frames(
    desk: MediaDesk,
    clock: RelayClock,
    frames: Frames | None,
    size: tuple[int | None, int | None],
    fps: float,
    source: str,
) -> VideoOut:
    """Publishes a source; with ``frames`` it keeps going by itself, at their size if none is said.

    What kept going by itself under that name gives way, so that a cell may run again.
    """
    width, height = (side or usual for side, usual in zip(size, USUAL, strict=True))
    if frames is None:
        return VideoOut(desk, clock, width, height, fps, source)
    before = desk.encoder_of(source)
    if isinstance(before, VideoOut) and before.fed:
        before.close()
    pictures, first = pictures_of(frames), None
    if None in size:
        first = next(pictures, None)
        if first is None:
            raise BadPicture("There is not a single picture to show.", "no-pictures")
        width, height = size_of(first)
    video = VideoOut(desk, clock, width, height, fps, source)
    video.feed_by(Feed(video, first, pictures))
    return video


def publish_figure(
    desk: MediaDesk, clock: RelayClock, figure: Any, fps: float, source: str
) -> VideoOut:
    """Publishes a figure, in the place of one that was published there before."""
    now = drawn(figure)
    before = desk.encoder_of(source)
    if isinstance(before, VideoOut):
        before.close()
    width, height = size_of(now)
    video = VideoOut(desk, clock, width, height, fps, source)
    video.feed_by(FigureFeed(video, figure, now))
    return video
