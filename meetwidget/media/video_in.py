"""Watches pictures: what ``room.video[person]`` returns."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from meetwidget.background import BackgroundThread
from meetwidget.clock import RelayClock
from meetwidget.errors import NoFrame
from meetwidget.media.colour import conversion_of
from meetwidget.media.decoding import Decoding
from meetwidget.media.picture import Picture
from meetwidget.media.steps import Steps
from meetwidget.media_desk import MediaDesk, Watching
from meetwidget.people import Someone
from meetwidget.wire.control import Rendition, StreamFlow, Want

FIRST_FRAME_SECONDS = 10.0
"""Default wait for a picture."""
IDLE_SECONDS = 30.0
"""Pictures nobody asks for this long are no longer watched, so that nobody encodes them."""
MOST_WAITING = 600
"""Media frames waiting for the decoder; more means it lags, and it starts again at a key frame."""
LARGE = (1920, 1080)
"""Wanted width and height, pixels, unless told otherwise: the largest rendition."""

_PICTURES = ("camera", "screen", "data:")


class Pictures:
    """``room.video``: others' pictures by person, and by source with ``[person, "screen"]``."""

    def __init__(
        self, desk: MediaDesk, clock: RelayClock, find: Callable[[Someone | str], Someone]
    ) -> None:
        self._desk = desk
        self._clock = clock
        self._find = find
        self._open: dict[tuple[str, str], VideoIn] = {}
        self._lock = threading.Lock()

    def __getitem__(self, key: Someone | str | tuple[Someone | str, str]) -> VideoIn:
        """Returns somebody's pictures.

        Args:
            key: a person, their id or name; with a source, or else their camera, or what else
                they show.

        Raises:
            MeetError: nobody, or more than one, is called so.
        """
        who, source = key if isinstance(key, tuple) else (key, "")
        person = self._find(who)
        with self._lock:
            found = self._open.get((person.id, source))
            if found is None:
                sources = (source,) if source else _PICTURES
                found = VideoIn(self._desk, self._clock, person, sources)
                self._open[person.id, source] = found
            return found


@dataclass(frozen=True)
class _Decoded:
    """The newest picture, as the decoder made it."""

    frame: Any
    """PyAV's."""
    rendition: Rendition
    stream: str | None
    delay: float
    """Seconds from its capture."""


class VideoIn:
    """Somebody's pictures, decoded on a thread of their own from the first time one is asked for.

    Pictures nobody asks for during half a minute are no longer watched; asking starts again.
    """

    def __init__(
        self, desk: MediaDesk, clock: RelayClock, who: Someone, sources: tuple[str, ...]
    ) -> None:
        self.who = who
        self._desk = desk
        self._clock = clock
        self._watching = Watching(
            who, sources, Want(*LARGE), on_frame=self._on_frame, on_end=self.close, lane="video"
        )
        self._changed = threading.Condition()
        self._waiting: deque[tuple[Rendition, bytes]] = deque()
        self._overrun = False
        self._thread: threading.Thread | None = None
        self._asked_at = 0.0
        self._newest: _Decoded | None = None
        self._converted: tuple[_Decoded, Picture] | None = None
        self._count = 0
        self._undecodable: set[str] = set()

    def frame(self, timeout: float | None = FIRST_FRAME_SECONDS) -> Picture:
        """Returns the newest picture.

        Args:
            timeout: seconds to wait for the first one; None waits until the room ends.

        Returns:
            uint8, height × width × 3, RGB, with ``captured`` and ``delay``. Its size may change
            with the sender's.

        Raises:
            NoFrame: there was none.
            NotConnected: the room has ended.
        """
        picture, _ = self._after(-1, timeout)
        return picture

    def frames(self, timeout: float | None = FIRST_FRAME_SECONDS) -> Steps[Picture]:
        """Yields new pictures as they come, leaving out those the caller is too slow for.

        For ``for``, and for ``async for`` in a program with an event loop.

        Args:
            timeout: seconds to wait for each; None waits until the room ends.

        Raises:
            NoFrame: none came for ``timeout`` seconds.
            NotConnected: the room has ended.
        """
        count = -1

        def step() -> Picture:
            nonlocal count
            picture, count = self._after(count, timeout)
            return picture

        return Steps(step)

    def want(self, width: int, height: int) -> None:
        """Asks for pictures of about this size, pixels: the smallest rendition at least as high."""
        self._desk.resize(self._watching, Want(width, height))

    @property
    def decoded(self) -> int:
        """How many pictures were decoded so far."""
        return self._count

    @property
    def flow(self) -> StreamFlow:
        """How the pictures come through.

        ``flow.state`` is full, reduced or paused; ``flow.side`` says whose side is short: receiver,
        sender, relay, or None.
        """
        return self._desk.flow(self._watching)

    def close(self) -> None:
        """Watches no longer; asking for a picture starts again."""
        with self._changed:
            self._forget()
            self._changed.notify_all()
        self._desk.unwatch(self._watching)

    def __repr__(self) -> str:
        state = "watching" if self._thread is not None else "not watched"
        return f"<VideoIn of {self.who}: {state}, {self._count} pictures>"

    def _after(self, count: int, timeout: float | None) -> tuple[Picture, int]:
        """Returns the newest picture later than the ``count``-th, and its number."""
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        self._start()
        with self._changed:
            while True:
                self._desk.check_live()
                self._asked_at = time.monotonic()
                if self._count > count and self._is_current():
                    newest, number = self._newest, self._count
                    break
                left = deadline - time.monotonic()
                if left <= 0:
                    raise NoFrame(self._why_not(timeout or 0.0))
                self._changed.wait(min(left, 0.5))
        assert newest is not None
        return self._convert(newest), number

    def _is_current(self) -> bool:
        """Whether the newest picture is of the stream that is there now."""
        stream = self._watching.stream
        return stream is not None and self._newest is not None and self._newest.stream == stream

    def _why_not(self, timeout: float) -> str:
        if self._watching.stream is None:
            return f"{self.who} shows no picture. Ask again once their camera is on."
        if self._undecodable:
            names = ", ".join(sorted(self._undecodable))
            return f"{self.who} sends pictures in {names}, which cannot be decoded here."
        if self.flow.state == "paused":
            return f"The pictures of {self.who} are paused: a line is too slow for them now."
        return f"No picture of {self.who} came within {timeout:g} s."

    def _convert(self, decoded: _Decoded) -> Picture:
        """Returns a picture in RGB: of those that are asked for, and without holding the decoder up."""
        known = self._converted
        if known is None or known[0] is not decoded:
            conversion = conversion_of(decoded.rendition)
            rgb = decoded.frame.reformat(
                format="rgb24",
                src_colorspace=conversion.colorspace,
                src_color_range=conversion.color_range,
            )
            picture = Picture.of(rgb.to_ndarray(), decoded.frame.pts / 1e6, decoded.delay)
            known = self._converted = decoded, picture
        return known[1].copy()

    def _start(self) -> None:
        self._desk.check_live()
        with self._changed:
            self._asked_at = time.monotonic()
            if self._thread is not None:
                return
            self._thread = BackgroundThread(self._run, f"meetwidget decoder {self.who}")
            self._thread.start()
        self._desk.watch(self._watching)

    def _forget(self) -> None:
        self._thread = None
        self._newest = self._converted = None
        self._waiting.clear()

    # ------------------------------------------------ the connection's thread

    def _on_frame(self, rendition: Rendition, frame: bytes) -> None:
        with self._changed:
            if len(self._waiting) >= MOST_WAITING:
                self._waiting.clear()
                self._overrun = True
            self._waiting.append((rendition, frame))
            self._changed.notify_all()

    # --------------------------------------------------- the decoder's thread

    def _run(self) -> None:
        decoding = Decoding()
        while True:
            taken = self._take()
            if taken is None:
                return
            rendition, frame, overrun = taken
            if overrun:
                decoding = Decoding()
            self._undecodable = decoding.undecodable
            pictures = decoding.push(rendition, frame)
            if decoding.key_due(time.monotonic()):
                self._desk.resize(self._watching, self._watching.want)  # asks for a key frame
            if pictures:
                with self._changed:
                    if self._thread is threading.current_thread():
                        delay = (self._clock.stamp() - pictures[-1].pts) / 1e6
                        stream = self._watching.stream
                        self._newest = _Decoded(pictures[-1], rendition, stream, delay)
                        self._count += len(pictures)
                        self._changed.notify_all()

    def _take(self) -> tuple[Rendition, bytes, bool] | None:
        """Waits for a media frame; None when nobody wants pictures any more."""
        me = threading.current_thread()
        with self._changed:
            while self._thread is me and not self._waiting:
                if time.monotonic() - self._asked_at > IDLE_SECONDS:
                    break
                self._changed.wait(1.0)
            if self._thread is not me:
                return None
            if time.monotonic() - self._asked_at <= IDLE_SECONDS:
                overrun, self._overrun = self._overrun, False
                return *self._waiting.popleft(), overrun
        self.close()
        return None
