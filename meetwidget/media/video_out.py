"""Publishes pictures: what :meth:`Room.publish_video` returns."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Protocol, Self

import av
import numpy as np
from numpy.typing import NDArray

from meetwidget.background import BackgroundThread
from meetwidget.clock import RelayClock
from meetwidget.errors import BadPicture
from meetwidget.media.renditions import (
    KEY_LEAST_SECONDS,
    LARGEST,
    SMALLEST,
    OwnRendition,
    plan,
    sizes,
)
from meetwidget.media.vp8 import Vp8Encoder, check_codec
from meetwidget.media_desk import MediaDesk
from meetwidget.uplink import Allowance
from meetwidget.wire.media import FrameKind, Header, flags, fragment

FASTEST = 60.0
REST_SHARE = 1 / 3
"""Of the time that encoding a picture took, the encoder rests at least so much: on a busy machine
pictures are skipped before others starve."""
RETRY_SECONDS = 0.02
"""How long to wait for the line to drain."""


class Feeding(Protocol):
    """What writes pictures to a source by itself."""

    def stop(self) -> None:
        """The source has ended; must not block."""


class VideoOut:
    """A published picture source. :meth:`write` may be called from any thread.

    Pictures are encoded on a thread of its own, only while somebody watches, and at most ``fps``
    times a second; of pictures written faster, the newest counts. On a slow line half of the
    pictures go first, then bits, then pictures altogether until the line is free again; on a busy
    machine pictures are skipped.
    """

    def __init__(
        self,
        desk: MediaDesk,
        clock: RelayClock,
        width: int,
        height: int,
        fps: float,
        source: str,
    ) -> None:
        for side in (width, height):
            if not SMALLEST <= side <= LARGEST:
                raise BadPicture(f"Pictures have {SMALLEST} to {LARGEST} pixels a side.")
        if not 0 < fps <= FASTEST:
            raise BadPicture(f"Choose more than 0 and at most {FASTEST:g} pictures a second.")
        check_codec()
        self.width, self.height, self.fps, self.source = width, height, fps, source
        self._desk = desk
        self._clock = clock
        self._changed = threading.Condition()
        self._picture: NDArray[np.uint8] | None = None
        self._captured_us = 0
        self._new = False
        self._closed = False
        self._feed: Feeding | None = None
        self.error: Exception | None = None
        """What ended pictures that came by themselves; :meth:`wait` raises it."""
        self._renditions = [plan(w, h, fps) for w, h in sizes(width, height)]
        self._publication = desk.publish(
            source, [rendition.offer for rendition in self._renditions], self, "video"
        )
        self._thread = BackgroundThread(self._run, f"meetwidget encoder {source}")
        self._thread.start()

    @property
    def watched(self) -> bool:
        """Whether anybody watches; a source may save its own work while nobody does."""
        return any(rendition.on for rendition in self._renditions)

    def wait_watched(self, timeout: float) -> bool:
        """Waits until somebody watches, at most ``timeout`` seconds; True if somebody does."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self.watched, timeout)
            return self.watched

    def write(self, frame: NDArray[np.uint8]) -> None:
        """Shows a picture. Never waits for the network or the encoder.

        Args:
            frame: uint8, height × width × 3, RGB. It is copied.

        Raises:
            BadPicture: another shape or type.
            NotConnected: the room has ended.
        """
        picture = np.asarray(frame)
        if picture.dtype != np.uint8:
            raise BadPicture(
                f"A picture is uint8, 0 to 255; this one is {picture.dtype}. "
                "Scale it and use .astype(np.uint8)."
            )
        if picture.shape != (self.height, self.width, 3):
            raise BadPicture(
                f"A picture here is height × width × 3 = ({self.height}, {self.width}, 3); "
                f"this one is {picture.shape}."
            )
        self._desk.check_live()
        if self._closed:
            raise BadPicture("This source is closed.", "closed")
        captured = self._clock.stamp()
        copy = np.array(picture, order="C")
        with self._changed:
            self._picture, self._captured_us, self._new = copy, captured, True
            if self.watched:
                self._changed.notify_all()

    @property
    def fed(self) -> bool:
        """Whether pictures come by themselves: from a generator, a capture or a figure."""
        return self._feed is not None

    @property
    def share(self) -> float:
        """Part of the nominal bitrate that is sent now: less than 1 on a line too slow for all."""
        return self._desk.uplink.share

    def feed_by(self, feed: Feeding) -> None:
        """Keeps what writes the pictures, and stops it with the source."""
        self._feed = feed

    def wait(self, timeout: float | None = None) -> bool:
        """Waits until the source has ended: by its pictures, by :meth:`close`, or with the room.

        Args:
            timeout: seconds to wait at most.

        Returns:
            Whether it has.

        Raises:
            Exception: what a generator raised that the pictures come from.
        """
        with self._changed:
            ended = self._changed.wait_for(lambda: self._closed, timeout)
        if self.error is not None:
            raise self.error
        return ended

    def close(self) -> None:
        """Takes the source out of the room."""
        self.on_end()
        self._desk.unpublish(self._publication)
        if threading.current_thread() is not self._thread:
            self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        state = "closed" if self._closed else "watched" if self.watched else "nobody watches"
        return f"<VideoOut {self.source} {self.width}×{self.height} at {self.fps:g}/s: {state}>"

    # ------------------------------------------------ the connection's thread

    def on_handles(self, handles: Sequence[int]) -> None:
        """The relay knows the source under new handles."""
        with self._changed:
            for rendition, handle in zip(self._renditions, handles, strict=True):
                if rendition.handle != handle:
                    rendition.handle, rendition.sequence, rendition.base_count = handle, 0, 0
                    rendition.on, rendition.encoder = False, None
            self._tell_load()

    def on_demand(self, rendition: int, on: bool, key: bool) -> None:
        """Somebody watches, or nobody does, or a key frame is due."""
        with self._changed:
            wanted = self._renditions[rendition]
            if on != wanted.on:
                wanted.on, wanted.encoder = on, None
            wanted.key = on and (wanted.key or key)
            self._tell_load()
            self._changed.notify_all()

    def on_end(self) -> None:
        """The room has ended."""
        if self._feed is not None:
            self._feed.stop()
        with self._changed:
            self._closed = True
            self._tell_load()
            self._changed.notify_all()

    def _tell_load(self) -> None:
        bps = 0 if self._closed else sum(r.bitrate for r in self._renditions if r.on)
        self._desk.uplink.load(self, bps)

    # --------------------------------------------------- the encoder's thread

    def _run(self) -> None:
        due = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(self._work)
                while not self._closed and (wait := due - time.monotonic()) > 0:
                    if any(r.on and r.awaited(time.monotonic()) for r in self._renditions):
                        break
                    self._changed.wait(min(wait, KEY_LEAST_SECONDS))
                if self._closed:
                    return
                if not self._work() or self._picture is None:
                    continue
                allowance = self._desk.uplink.admit()
                if allowance is None:
                    self._changed.wait(RETRY_SECONDS)
                    continue
                picture, captured = self._picture, self._captured_us
                if not self._new:
                    captured = self._clock.stamp()  # the last picture once more, for a newcomer
                self._new = False
                wanted = [(r, r.handle, self._encoder(r)) for r in self._renditions if r.on]
            started = time.monotonic()
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            for rendition, handle, encoder in wanted:
                self._encode(rendition, handle, encoder, frame, captured, allowance)
            now = time.monotonic()
            due = max(due + 1 / self.fps, now - 1 / self.fps, now + (now - started) * REST_SHARE)

    def _work(self) -> bool:
        """Whether there is something to do (with the lock held)."""
        if self._closed:
            return True
        if self._picture is None:
            return False
        return any(r.on and (self._new or r.key or r.encoder is None) for r in self._renditions)

    def _encoder(self, rendition: OwnRendition) -> Vp8Encoder:
        if rendition.encoder is None:
            rendition.encoder = Vp8Encoder(
                rendition.width, rendition.height, self.fps, rendition.bitrate
            )
        return rendition.encoder

    def _encode(
        self,
        rendition: OwnRendition,
        handle: int,
        encoder: Vp8Encoder,
        frame: Any,
        captured: int,
        allowance: Allowance,
    ) -> None:
        now = time.monotonic()
        chunk = encoder.encode(frame, captured, rendition.key_due(now), allowance.share)
        if chunk is None or (chunk.layer > 0 and allowance.drop_upper):
            return
        with self._changed:
            if rendition.handle != handle:
                return  # the relay has forgotten it meanwhile
            if chunk.key:
                rendition.key, rendition.key_at = False, now
            if chunk.layer == 0:
                rendition.base_count = (rendition.base_count + 1) & 0xFFFF
            header = Header(
                FrameKind.VIDEO,
                flags(key=chunk.key, layer=chunk.layer),
                handle,
                rendition.sequence,
                captured,
                rendition.base_count,
            )
            frames = fragment(header, chunk.data)
            rendition.sequence = (rendition.sequence + len(frames)) & 0xFFFFFFFF
            self._desk.send(self._publication, frames)
