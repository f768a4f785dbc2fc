"""Listens: what ``room.audio[person]`` returns."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable

import av
import numpy as np

from meetwidget.background import BackgroundThread
from meetwidget.errors import BadPicture, NoFrame
from meetwidget.media.opus import PACKET_SAMPLES, RATE, OpusDecoder, Samples
from meetwidget.media.steps import Steps
from meetwidget.media_desk import MediaDesk, Watching
from meetwidget.people import Someone
from meetwidget.wire.control import Rendition, Want
from meetwidget.wire.media import (
    SILENCE_DBOV,
    BadMediaFrame,
    FrameKind,
    Header,
    audio_level,
    parse,
    payload,
)

KEPT_PACKETS = 1500
"""30 s of sound; of what nobody takes, the oldest is forgotten."""
LONGEST_PAUSE_SECONDS = 1.0
"""Pauses and losses are played as silence, but no longer than this: what follows is not held back."""
PACKET_US = PACKET_SAMPLES * 1_000_000 // RATE
JITTER_US = 60_000
"""Between packets that follow each other, a smaller gap is a capture clock's jitter, no pause."""
SILENCE = float(SILENCE_DBOV), False
LEVEL_SECONDS = 0.5
"""So old a level still tells how loud somebody is; silent microphones speak up every 0.4 s."""


class Voices:
    """``room.audio``: others' sound by person, and by source with ``[person, "screen-audio"]``."""

    def __init__(self, desk: MediaDesk, find: Callable[[Someone | str], Someone]) -> None:
        self._desk = desk
        self._find = find
        self._open: dict[tuple[str, str], AudioIn] = {}
        self._lock = threading.Lock()

    def __getitem__(self, key: Someone | str | tuple[Someone | str, str]) -> AudioIn:
        """Returns somebody's sound.

        Args:
            key: a person, their id or name: what their microphone hears; with ``"screen-audio"``,
                the sound of what they share.

        Raises:
            MeetError: nobody, or more than one, is called so.
        """
        who, source = key if isinstance(key, tuple) else (key, "microphone")
        person = self._find(who)
        with self._lock:
            found = self._open.get((person.id, source))
            if found is None:
                found = self._open[person.id, source] = AudioIn(self._desk, person, source)
            return found


class AudioIn:
    """Somebody's sound, received from :meth:`listen`, or the first time samples are asked for.

    Until :meth:`close`. What is asked for is decoded on a thread of its own.
    """

    def __init__(self, desk: MediaDesk, who: Someone, source: str = "microphone") -> None:
        self.who = who
        self.source = source
        self._desk = desk
        self._watching = Watching(
            who,
            (source,),
            Want(),
            on_frame=self._on_frame,
            on_end=self._on_end,
            lane="audio",
        )
        self._changed = threading.Condition()
        self._packets: deque[tuple[Header, bytes]] = deque(maxlen=KEPT_PACKETS)
        self._thread: threading.Thread | None = None
        self._wanted = 0
        """Samples that somebody waits for: so many are decoded, and no more."""
        self._ready: list[Samples] = []
        self._count = 0
        """Of the samples that are ready."""
        self._busy = False
        self._last: Header | None = None
        """Of the packet decoded last."""
        self._level: tuple[float, bool] = SILENCE
        self._level_at = -math.inf

    def listen(self) -> None:
        """Listens from now on: what is asked for later begins here.

        Raises:
            NotConnected: the room has ended.
        """
        self._desk.check_live()
        with self._changed:
            if self._thread is None:
                self._thread = BackgroundThread(self._run, f"meetwidget listener {self.who}")
                self._thread.start()
        self._desk.watch(self._watching)

    def samples(self, count: int, timeout: float | None = 10.0) -> Samples:
        """Returns the next samples, in the order they were spoken.

        Where the speaker paused, or packets were lost, there is silence, of one second at most.

        Args:
            count: how many; 48,000 are a second.
            timeout: seconds to wait for them; None waits until the room ends.

        Returns:
            float32 in -1…1, mono, 48 kHz, exactly ``count``.

        Raises:
            NoFrame: they did not come in time; those that did are kept for the next call.
            NotConnected: the room has ended.
        """
        self.listen()
        deadline = math.inf if timeout is None else time.monotonic() + timeout
        with self._changed:
            while True:
                if self._count >= count:
                    return self._take(count)
                self._desk.check_live()
                left = deadline - time.monotonic()
                if left <= 0 and not self._busy and not self._packets:
                    raise NoFrame(self._why_not())
                if count > self._wanted:
                    self._wanted = count
                    self._changed.notify_all()
                self._changed.wait(min(max(left, 0.01), 0.5))

    def chunks(self, seconds: float = 0.1, timeout: float | None = 10.0) -> Steps[Samples]:
        """Yields sound piece by piece, without gaps between them; see :meth:`samples`.

        For ``for``, and for ``async for`` in a program with an event loop.

        Args:
            seconds: length of each piece: float32 in -1…1, mono, 48,000 × ``seconds`` samples.
            timeout: seconds to wait for each; None waits until the room ends.

        Raises:
            BadPicture: ``seconds`` is less than a sample.
            NoFrame: a piece did not come in time.
            NotConnected: the room has ended.
        """
        count = round(seconds * RATE)
        if count < 1:
            raise BadPicture("Choose more than 0 seconds for a piece of sound, for example 0.1.")
        return Steps(lambda: self.samples(count, timeout))

    @property
    def level(self) -> float:
        """How loud it is now, dB below overload: -127 (silence) to 0; speech is at about -30.

        Told by the packets themselves, and only while listening.
        """
        return self._level_now()[0]

    @property
    def speaking(self) -> bool:
        """Whether the sender takes what it sends now for speech."""
        return self._level_now()[1]

    def close(self) -> None:
        """Listens no longer; asking for samples starts again."""
        self._desk.unwatch(self._watching)
        with self._changed:
            self._thread = None
            self._wanted = 0
            self._packets.clear()
            self._ready, self._count = [], 0
            self._last = None
            self._level_at = -math.inf
            self._changed.notify_all()

    def __repr__(self) -> str:
        source = "" if self.source == "microphone" else f" {self.source}"
        return f"<AudioIn of {self.who}{source}: {self.level:.0f} dB>"

    def _why_not(self) -> str:
        if self._watching.stream is not None:
            return f"{self.who} was not heard in time."
        if self.source == "microphone":
            return f"{self.who} has no microphone on."
        return f"{self.who} shares no sound."

    def _level_now(self) -> tuple[float, bool]:
        fresh = time.monotonic() - self._level_at < LEVEL_SECONDS
        return self._level if fresh else SILENCE

    def _on_frame(self, rendition: Rendition, frame: bytes) -> None:
        try:
            header = parse(frame)
        except BadMediaFrame:
            return
        if header.kind != FrameKind.AUDIO:
            return
        told = audio_level(frame)
        with self._changed:
            if told is not None:
                self._level, self._level_at = told, time.monotonic()
            self._packets.append((header, bytes(payload(frame))))
            self._changed.notify_all()

    def _on_end(self) -> None:
        with self._changed:
            self._thread = None
            self._changed.notify_all()

    def _take(self, count: int) -> Samples:
        """Takes what is ready (with the lock held)."""
        ready = np.concatenate([np.zeros(0, np.float32), *self._ready])
        self._ready, self._count = [ready[count:]], len(ready) - count
        self._wanted = 0  # who else waits says so again
        self._changed.notify_all()
        return ready[:count]

    # --------------------------------------------------- the decoder's thread

    def _run(self) -> None:
        me, decoder = threading.current_thread(), OpusDecoder()
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._thread is not me or (self._packets and self._count < self._wanted)
                )
                if self._thread is not me:
                    return
                header, packet = self._packets.popleft()
                before, self._last = self._last, header
                self._busy = True
            heard = _decode(decoder, header, packet, before)
            with self._changed:
                self._busy = False
                if self._thread is me:
                    self._ready += heard
                    self._count += sum(len(part) for part in heard)
                self._changed.notify_all()


def _decode(
    decoder: OpusDecoder, header: Header, packet: bytes, before: Header | None
) -> list[Samples]:
    """Returns a packet's sound, after as much silence as its capture time leaves open."""
    parts = []
    if before is not None and before.handle == header.handle:
        lost = header.sequence != (before.sequence + 1) & 0xFFFFFFFF
        gap_us = header.capture_us - before.capture_us - PACKET_US
        if gap_us > (PACKET_US // 2 if lost else JITTER_US):
            pause = min(gap_us / 1e6, LONGEST_PAUSE_SECONDS)
            parts.append(np.zeros(round(pause * RATE), np.float32))
    try:
        parts.append(decoder.decode(packet))
    except av.FFmpegError:
        parts.append(np.zeros(PACKET_SAMPLES, np.float32))
    return parts
