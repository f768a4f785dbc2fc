"""Keeps a picture source going by itself, from a generator or a camera that OpenCV has opened.

A loop around ``write`` must not run too fast, must end with the source, and takes a cell of its
own. This is that loop, on a thread, and it rests while nobody watches.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Generator, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import numpy as np

from meetwidget.background import BackgroundThread
from meetwidget.errors import BadPicture, NoFrame, NotConnected
from meetwidget.media.fitting import Pixels, as_rgb, fit

if TYPE_CHECKING:
    from meetwidget.media.video_out import VideoOut

UNWATCHED_SECONDS = 1.0
"""While nobody watches, a picture is taken this often: the first thing that a newcomer sees."""

_log = logging.getLogger("meetwidget")


class Capture(Protocol):
    """What ``cv2.VideoCapture`` is, and whatever else reads like it."""

    def read(self) -> tuple[bool, Any]:
        """Returns whether there was a picture, and the picture: uint8, BGR."""


Frames: TypeAlias = Iterable[Any] | Capture
"""Pictures one after the other (uint8, RGB, or what :func:`as_rgb` takes), or a capture (BGR)."""


def pictures_of(frames: Frames) -> Iterator[Pixels]:
    """Returns the pictures, RGB, each when it is asked for.

    Raises:
        BadPicture: this is neither; later, a picture is none.
    """
    if isinstance(frames, np.ndarray) and frames.ndim < 4:
        raise BadPicture("This is a single picture: publish without it, and write() it then.")
    if isinstance(frames, Iterable):
        return _iterated(frames)
    if callable(getattr(frames, "read", None)):
        return _captured(frames)
    raise BadPicture(
        "Pictures come from a generator, or from something with read() like cv2.VideoCapture; "
        f"this is a {type(frames).__name__}."
    )


def _iterated(frames: Iterable[Any]) -> Iterator[Pixels]:
    try:
        for picture in frames:
            yield as_rgb(picture)
    finally:
        if isinstance(frames, Generator):
            frames.close()


def _captured(capture: Capture) -> Iterator[Pixels]:
    while True:
        there, picture = capture.read()
        if not there:
            return
        yield as_rgb(picture)[..., ::-1]  # OpenCV keeps blue first


class Feed:
    """Writes pictures to a source until they end, it is closed, or the room has ended."""

    def __init__(self, video: VideoOut, first: Pixels | None, pictures: Iterator[Pixels]) -> None:
        self._video = video
        self._first = first
        self._pictures = pictures
        self._stop = threading.Event()
        self._thread = BackgroundThread(self._run, f"meetwidget pictures {video.source}")
        self._thread.start()

    def stop(self) -> None:
        """Takes no more pictures; returns at once, though one may be in the making."""
        self._stop.set()

    def _run(self) -> None:
        try:
            self._show()
        except (NoFrame, NotConnected) as end:
            # Somebody's pictures, passed on, have ended; or the room has.
            _log.info("The pictures of %r have ended: %s", self._video.source, end)
        except Exception as error:
            self._video.error = error
            # With no logging set up this prints the traceback to stderr.
            _log.exception("The pictures of %r ended by an error.", self._video.source)
        finally:
            self._video.close()
            if hasattr(self._pictures, "close"):
                self._pictures.close()

    def _show(self) -> None:
        video, due = self._video, time.monotonic()
        if self._first is not None:
            self._write(self._first)
        for picture in self._pictures:
            if self._stop.is_set():
                return
            self._write(picture)
            due = max(due + 1 / video.fps, time.monotonic())
            if not video.watched:
                video.wait_watched(UNWATCHED_SECONDS)
            elif self._stop.wait(max(0.0, due - time.monotonic())):
                return
            if self._stop.is_set():
                return

    def _write(self, picture: Pixels) -> None:
        if not self._stop.is_set():
            self._video.write(fit(picture, self._video.width, self._video.height))
