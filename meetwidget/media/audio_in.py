"""Listens: what ``room.audio[person]`` returns."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import av
import numpy as np

from meetwidget.errors import NoFrame
from meetwidget.media.opus import PACKET_SAMPLES, OpusDecoder, Samples
from meetwidget.media_desk import MediaDesk, Watching
from meetwidget.people import Someone
from meetwidget.wire.control import Rendition, Want
from meetwidget.wire.media import BadMediaFrame, FrameKind, parse, payload

KEPT_PACKETS = 1500
"""30 s of sound; of what nobody takes, the oldest is forgotten."""
LONGEST_GAP = 50
"""Lost packets that are played as silence (1 s); after more, sound goes on where it is."""


class Voices:
    """``room.audio``: others' sound by person."""

    def __init__(self, desk: MediaDesk, find: Callable[[Someone | str], Someone]) -> None:
        self._desk = desk
        self._find = find
        self._open: dict[str, AudioIn] = {}
        self._lock = threading.Lock()

    def __getitem__(self, who: Someone | str) -> AudioIn:
        """Returns somebody's sound; raises MeetError when nobody is called so."""
        person = self._find(who)
        with self._lock:
            if person.id not in self._open:
                self._open[person.id] = AudioIn(self._desk, person)
            return self._open[person.id]


class AudioIn:
    """Somebody's sound, received from the first time samples are asked for until :meth:`close`."""

    def __init__(self, desk: MediaDesk, who: Someone) -> None:
        self.who = who
        self._desk = desk
        self._watching = Watching(
            who,
            ("microphone",),
            Want(),
            on_frame=self._on_frame,
            on_end=self._on_end,
            lane="audio",
        )
        self._changed = threading.Condition()
        self._packets: deque[bytes] = deque(maxlen=KEPT_PACKETS)
        self._decoder = OpusDecoder()
        self._ready: Samples = np.zeros(0, np.float32)
        self._next: int | None = None
        self._handle = -1

    def samples(self, count: int, timeout: float = 10.0) -> Samples:
        """Returns the next samples, in the order they were spoken.

        Args:
            count: how many; 48,000 are a second.
            timeout: seconds to wait for them.

        Returns:
            float32 in -1…1, mono, 48 kHz, exactly ``count``.

        Raises:
            NoFrame: they did not come in time; those that did are kept for the next call.
            NotConnected: the room has ended.
        """
        self._desk.check_live()
        self._desk.watch(self._watching)
        deadline = time.monotonic() + timeout
        with self._changed:
            while True:
                while self._packets and len(self._ready) < count:
                    self._decode(self._packets.popleft())
                if len(self._ready) >= count:
                    taken, self._ready = self._ready[:count], self._ready[count:]
                    return taken
                self._desk.check_live()
                left = deadline - time.monotonic()
                if left <= 0:
                    silent = self._watching.stream is None
                    reason = "has no microphone on" if silent else "was not heard in time"
                    raise NoFrame(f"{self.who} {reason}.")
                self._changed.wait(min(left, 0.5))

    def close(self) -> None:
        """Listens no longer; asking for samples starts again."""
        self._desk.unwatch(self._watching)
        with self._changed:
            self._packets.clear()
            self._ready = np.zeros(0, np.float32)
            self._next = None

    def __repr__(self) -> str:
        return f"<AudioIn of {self.who}>"

    def _on_frame(self, rendition: Rendition, frame: bytes) -> None:
        with self._changed:
            self._packets.append(frame)
            self._changed.notify_all()

    def _on_end(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def _decode(self, frame: bytes) -> None:
        try:
            header = parse(frame)
            packet = bytes(payload(frame))
        except BadMediaFrame:
            return
        if header.kind != FrameKind.AUDIO:
            return
        if header.handle != self._handle:
            self._handle, self._next = header.handle, None
        gap = 0 if self._next is None else (header.sequence - self._next) & 0xFFFFFFFF
        self._next = (header.sequence + 1) & 0xFFFFFFFF
        parts = [self._ready]
        if 0 < gap <= LONGEST_GAP:
            parts.append(np.zeros(gap * PACKET_SAMPLES, np.float32))
        try:
            parts.append(self._decoder.decode(packet))
        except av.FFmpegError:
            parts.append(np.zeros(PACKET_SAMPLES, np.float32))
        self._ready = np.concatenate(parts)
