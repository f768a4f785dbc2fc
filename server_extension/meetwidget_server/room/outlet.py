"""What goes out to one media socket: as much as there is credit for, sound first.

While nothing waits, ``limit`` is the number of bytes that may have been sent in all. While
something waits it is -1, so that every frame is looked at.
"""

from __future__ import annotations

from typing import Any

from meetwidget.wire.media import MediaKind

from .backlog import DATA_DEADLINE, SOUND_DEADLINE, Backlog
from .credit import Credit
from .estimate import LineEstimate
from .options import RoomOptions
from .records import Connection
from .route import Encode
from .tally import MediaTally

SOUND_MARGIN = 4_000
"""Bytes that sound may go beyond the window, where video filled it: a second of one voice."""
ALMOST_NOTHING = 1_000
"""Bytes under way, a few packets of sound, beside which a frame larger than the window passes."""
DIVERT = -1
"""``limit`` while anything waits."""


class Outlet(Backlog):
    """The sending half of :class:`.queue.ReceiverQueue`."""

    __slots__ = (
        "_diverted",
        "_encode",
        "_ready",
        "_throttled",
        "blocked_since",
        "credit",
        "estimate",
        "kinds",
        "limit",
        "out",
        "sent",
        "socket",
        "waiting_since",
    )

    def __init__(
        self,
        socket: Connection,
        kinds: frozenset[MediaKind],
        options: RoomOptions,
        encode: Encode,
        ready: list[Any],
        now: float,
        tally: MediaTally,
    ) -> None:
        super().__init__(options.queue_bytes, tally, now)
        self.socket = socket
        self.kinds = kinds
        self.credit = Credit(options.window_floor, options.window_ceiling, now)
        self.estimate = LineEstimate(now)
        self.sent = 0
        """Bytes of frames handed out so far."""
        self.limit = self.credit.window
        """``sent`` may grow to this without a look; -1 while anything waits."""
        self.out: list[bytes] = []
        """Encoded, decided, to be written at the end of this turn."""
        self.waiting_since: float | None = None
        """Since when frames have waited for credit without a break."""
        self.blocked_since: float | None = None
        """Since when frames were held back without a single acknowledgement of progress."""
        self._encode = encode
        self._ready = ready
        self._diverted = False
        self._throttled = False

    def control(self, frame: bytes) -> None:
        """Takes a frame outside all credit: the relay's own acknowledgement."""
        self._emit([frame])

    def acknowledge(self, received: int, now: float, clock_us: int = 0) -> None:
        """The receiver has got so many bytes on this socket so far, and its clock says so much."""
        credit = self.credit
        before = credit.acked
        credit.acknowledge(received, self.sent, self._throttled, now, clock_us)
        if credit.acked > before:
            self.blocked_since = None
            self.estimate.observe(credit.acked, credit.excess, now, credit.back)
        self._throttled = False
        credit.watch_age(self.sent, now)
        if self.limit == DIVERT:
            self.drain(now)
        else:
            self.limit = credit.ceiling

    def tick(self, now: float) -> None:
        """Time passes: what is under way grows old, and so does what waits."""
        credit = self.credit
        if credit.watch_age(self.sent, now) and self.limit != DIVERT:
            self.limit = credit.ceiling
        if self.waiting:
            self.drain(now)

    # ---------------------------------------------------------------- sending

    def drain(self, now: float) -> None:
        """Drops what is too late, sends what there is credit for, and sets ``limit``."""
        if (
            self.limit == DIVERT
            and now == self._expired_at
            and 0 < self.waiting <= self._max_bytes
            and self._exhausted(self.credit.ceiling)
        ):
            self._throttled = True
            return  # asked again within a turn, and nothing can have changed
        self._expire(now)
        if self.waiting:
            frames = self._sendable(self.credit.ceiling, now)
            if frames:
                self._emit(frames)
        if self.waiting:
            self._throttled = True
            self.limit = DIVERT
            if self.blocked_since is None:
                self.blocked_since = now
            if self.waiting_since is None:
                self.waiting_since = now
            return
        self.waiting_since = None
        self.limit = self.credit.ceiling
        if self._diverted:
            self._diverted = False
            self._catch_up()

    def _catch_up(self) -> None:
        """Nothing waits any more: lanes in step go back to the fan-out."""
        for lane in self.lanes.values():
            if lane.route.sequence is None:
                continue
            if not lane.in_step:
                lane.demote()
            elif not lane.slow:
                lane.synced = False
                lane.current = None

    def _sendable(self, ceiling: int, now: float) -> list[bytes]:
        frames: list[bytes] = []
        if self._exhausted(ceiling):
            return frames
        tally = self._tally
        for line, margin, counts, patience in (
            (self._sound, SOUND_MARGIN, tally.audio, SOUND_DEADLINE),
            (self._data, 0, tally.data, DATA_DEADLINE),
        ):
            while line and self._affords(len(line[0][1]), ceiling + margin):
                deadline, frame = line.popleft()
                counts.waited(len(frame), now - deadline + patience)
                frames.append(self._take(frame))
        if self._sound or self._data:
            return frames
        while True:
            lane = self._next_lane()
            if lane is None or not self._affords(len(lane.units[0].frames[0]), ceiling):
                return frames
            unit = lane.units[0]
            frame = unit.frames.popleft()
            unit.size -= len(frame)
            unit.started = True
            tally.video.waited(len(frame), now - unit.since)
            frames.append(self._take(frame))
            if not unit.frames:
                lane.units.popleft()
                unit.queued = False

    def _exhausted(self, ceiling: int) -> bool:
        return self.sent >= ceiling + SOUND_MARGIN and self.sent != self.credit.acked

    def _affords(self, size: int, ceiling: int) -> bool:
        # A frame larger than the whole window passes when next to nothing else is under way.
        if self.sent + size <= ceiling:
            return True
        little = 0 if self.credit.held else ALMOST_NOTHING
        return self.sent - self.credit.acked <= little

    def _take(self, frame: bytes) -> bytes:
        self.sent += len(frame)
        self.waiting -= len(frame)
        return frame

    def _emit(self, frames: list[bytes]) -> None:
        if not self.out:
            self._ready.append(self)
        self.out.append(self._encode(frames))

    def take(self) -> bytes:
        """Returns what was decided since the last time, in one piece."""
        out = self.out
        self.out = []
        return out[0] if len(out) == 1 else b"".join(out)
