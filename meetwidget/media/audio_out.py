"""Publishes sound: what :meth:`Room.publish_audio` returns."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from meetwidget.background import BackgroundThread
from meetwidget.clock import RelayClock
from meetwidget.errors import BadPicture
from meetwidget.media.loudness import VOICE_DBOV, SilenceGate, level_dbov
from meetwidget.media.opus import BITRATE, PACKET_SAMPLES, RATE, OpusEncoder, Samples
from meetwidget.media_desk import MediaDesk
from meetwidget.wire.control import CodecConfig, RenditionOffer
from meetwidget.wire.media import FrameKind, Header, flags, level_extension

BUFFER_SECONDS = 0.5
""":meth:`AudioOut.write` waits while more than this is yet to be played."""
PACKET_SECONDS = PACKET_SAMPLES / RATE
LATE_SECONDS = 0.2
"""A clock further behind than this starts anew, instead of sending a burst."""
MOST_QUEUE_SECONDS = 1.0
"""Behind so much that has not arrived yet a packet would be far too late: it is left out."""


class AudioOut:
    """A published sound source; it plays what is written in real time, and is silent otherwise.

    Silence takes no line: after a quarter of a second of it a packet goes out now and then only.
    """

    def __init__(self, desk: MediaDesk, clock: RelayClock, source: str) -> None:
        self.source = source
        self._desk = desk
        self._clock = clock
        self._changed = threading.Condition()
        self._queue = np.zeros(0, np.float32)
        self._closed = False
        self._on = False
        self._handle = -1
        self._sequence = 0
        self._gate = SilenceGate()
        config = CodecConfig(sample_rate=RATE, channels=1)
        offer = RenditionOffer(codec="opus", bitrate=BITRATE, config=config)
        self._publication = desk.publish(source, [offer], self, "audio")
        self._thread = BackgroundThread(self._run, f"meetwidget sound {source}")
        self._thread.start()

    @property
    def watched(self) -> bool:
        """Whether anybody listens."""
        return self._on

    def wait_watched(self, timeout: float) -> bool:
        """Waits until somebody listens, at most ``timeout`` seconds; True if somebody does."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self.watched, timeout)
            return self.watched

    def write(self, samples: NDArray[np.float32]) -> None:
        """Plays samples after those written before; waits like a sound card when ahead.

        Args:
            samples: float32 in -1…1, mono, 48 kHz, any number of them.

        Raises:
            BadPicture: another shape or type.
            NotConnected: the room has ended.
        """
        given = np.asarray(samples)
        if given.ndim != 1:
            raise BadPicture(
                f"Sound is one channel of samples; this array has shape {given.shape}."
            )
        if given.dtype.kind != "f":
            raise BadPicture(f"Samples are float32 in -1…1; these are {given.dtype}.")
        part = np.clip(np.nan_to_num(given), -1, 1).astype(np.float32)
        self._desk.check_live()
        with self._changed:
            if self._closed:
                raise BadPicture("This source is closed.", "closed")
            self._queue = np.concatenate([self._queue, part])
            self._changed.notify_all()
            self._changed.wait_for(
                lambda: self._closed or len(self._queue) <= BUFFER_SECONDS * RATE
            )

    def drain(self) -> None:
        """Waits until everything written is played."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._queue) == 0)

    def close(self) -> None:
        """Takes the source out of the room; what is not played yet is lost."""
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
        state = "closed" if self._closed else "heard" if self._on else "nobody listens"
        return f"<AudioOut {self.source}: {state}>"

    # ------------------------------------------------ the connection's thread

    def on_handles(self, handles: Sequence[int]) -> None:
        """The relay knows the source under a new handle."""
        with self._changed:
            if self._handle != handles[0]:
                self._handle, self._sequence, self._on = handles[0], 0, False

    def on_demand(self, rendition: int, on: bool, key: bool) -> None:
        """Somebody listens, or nobody does."""
        with self._changed:
            self._on = on
            self._changed.notify_all()

    def on_end(self) -> None:
        """The room has ended."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    # ----------------------------------------------------- the sound's thread

    def _run(self) -> None:
        encoder = OpusEncoder()
        due = time.monotonic()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or len(self._queue) > 0)
                # Who writes less than a packet at a time will write the rest of it soon.
                self._changed.wait_for(
                    lambda: self._closed or len(self._queue) >= PACKET_SAMPLES, PACKET_SECONDS
                )
                if self._closed:
                    return
            if time.monotonic() - due > LATE_SECONDS:
                due = time.monotonic()
            time.sleep(max(0.0, due - time.monotonic()))
            # The time when the packet was due, not this one: sound that is one piece has no gaps.
            captured = self._clock.stamp() - round((time.monotonic() - due) * 1e6)
            due += PACKET_SECONDS
            with self._changed:
                part, self._queue = self._queue[:PACKET_SAMPLES], self._queue[PACKET_SAMPLES:]
                on = self._on
                self._changed.notify_all()
            if on:
                self._send(encoder, part, captured)

    def _send(self, encoder: OpusEncoder, part: Samples, captured: int) -> None:
        if len(part) < PACKET_SAMPLES:
            part = np.pad(part, (0, PACKET_SAMPLES - len(part)))
        level = level_dbov(part)
        packet = encoder.encode(part)
        if packet is None or not self._gate.admit(level) or not self._line_is_free():
            return
        with self._changed:
            header = Header(
                FrameKind.AUDIO,
                flags(key=True, extension=True),
                self._handle,
                self._sequence,
                captured,
            )
            self._sequence = (self._sequence + 1) & 0xFFFFFFFF
            told = level_extension(level, level > VOICE_DBOV)
            self._desk.send(self._publication, [header.pack() + told + packet])

    def _line_is_free(self) -> bool:
        line = self._desk.line(self._publication)
        return line is not None and line.queue <= MOST_QUEUE_SECONDS
