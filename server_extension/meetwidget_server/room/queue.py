"""What one receiver gets of what is meant for them, and in which order it is given up.

One queue per media socket. Bytes under way are bounded by :class:`Credit`; what does not fit
waits here, where it can still be dropped, never in a buffer behind. While nothing waits,
``limit`` is the number of bytes that may have been sent in all, and the fan-out passes by
this module (see :meth:`Route.settle`). While something waits ``limit`` is -1, which diverts
every frame to :meth:`ReceiverQueue.divert`. What is given up, and when, is in :mod:`.backlog`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meetwidget.wire.media import FLAG_KEY, FLAG_LAST, LAYER_MASK, MediaKind

from .backlog import DATA_DEADLINE, SOUND_DEADLINE, VIDEO_DEADLINE, Backlog
from .credit import Credit
from .estimate import LineEstimate
from .lane import Lane, Unit
from .options import RoomOptions
from .records import Connection
from .route import Encode, Route
from .tally import MediaTally

SOUND_MARGIN = 4_000
"""Bytes that sound may go beyond the window, where video filled it: a second of one voice."""
ALMOST_NOTHING = 1_000
"""Bytes under way, a few packets of sound, beside which a frame larger than the window passes."""
_DIVERT = -1


class ReceiverQueue(Backlog):
    """Everything on its way to one media socket."""

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

    # ------------------------------------------------------------- entrances

    def divert(self, route: Route, frames: Sequence[bytes], now: float) -> None:
        """Takes frames that do not fit under ``limit``."""
        if route.sequence is None:
            self._hold_back(route, frames, now)
        else:
            lane = self.lanes[route.handle]
            if not lane.synced:
                self._sync(lane, route.batch_in_unit, route.batch_capture, now)
            for frame in frames:
                self._push_video(lane, frame, now)
            lane.synced = True  # whatever happened in between, its fields are true
        self._diverted = True
        self.drain(now)

    @staticmethod
    def _sync(lane: Lane, in_unit: bool, capture: bytes, now: float) -> None:
        """Passed by until now, so the receiver has all of the unit at hand so far."""
        lane.synced = True
        lane.in_unit = in_unit
        lane.capture = capture
        lane.current = None
        if in_unit:
            lane.current = Unit(now + VIDEO_DEADLINE, False)
            lane.current.started = True

    def push(self, lane: Lane, frames: Sequence[bytes], now: float) -> None:
        """Takes frames for a lane that decides one by one."""
        if (
            lane.awaiting_key
            and lane.skip is lane.in_unit
            and not any(f[1] & FLAG_KEY for f in frames)
        ):
            # The most common case on a bad line, and the last that may cost time there.
            last = frames[-1]
            lane.capture = last[8:16]
            lane.in_unit = lane.skip = not last[1] & FLAG_LAST
            lane.current = None
            lane.route.tally.drops["until-key"] += len(frames)
        else:
            for frame in frames:
                self._push_video(lane, frame, now)
        self.drain(now)
        if lane.slow and lane.in_step and self.limit != _DIVERT:
            lane.promote()

    def control(self, frame: bytes) -> None:
        """Takes a frame outside all credit: the relay's own acknowledgement."""
        self._emit([frame])

    def acknowledge(self, received: int, now: float) -> None:
        """The receiver has got so many bytes on this socket so far."""
        credit = self.credit
        before = credit.acked
        credit.acknowledge(received, self.sent, self._throttled, now)
        if credit.acked > before:
            self.blocked_since = None
            self.estimate.observe(credit.acked, credit.excess, now)
        self._throttled = False
        credit.watch_age(self.sent, now)
        if self.limit == _DIVERT:
            self.drain(now)
        else:
            self.limit = credit.ceiling

    def tick(self, now: float) -> None:
        """Time passes: what is under way grows old, and so does what waits."""
        credit = self.credit
        if credit.watch_age(self.sent, now) and self.limit != _DIVERT:
            self.limit = credit.ceiling
        if self.waiting:
            self.drain(now)

    # ----------------------------------------------------------------- lanes

    def attach(self, lane: Lane) -> None:
        """Begins a lane; of video nothing passes before a key frame (or :meth:`start`)."""
        route = lane.route
        self.lanes[route.handle] = lane
        sequence = route.sequence
        if sequence is None:
            route.attach_fast(self)
            return
        lane.slow = lane.synced = lane.awaiting_key = True
        lane.in_unit = lane.skip = sequence.in_unit
        lane.capture = sequence.capture
        route.attach_slow(lane)

    def start(self, lane: Lane, now: float, still: bool = True) -> None:
        """Shows the lane what the relay remembers, else asks for a key frame.

        ``still``: a lone key frame is worth showing, since nothing else is shown so far.
        """
        sequence = lane.route.sequence
        if sequence is None:
            return
        room = self.credit.window - (self.sent - self.credit.acked) - self.waiting
        frames, current = sequence.catch_up(room)
        if frames and (current or still):
            lane.in_unit = lane.skip = False
            for frame in frames:
                self._push_video(lane, frame, now)
            if sequence.in_unit and sequence.upper:
                lane.in_unit = lane.skip = True
                lane.capture = sequence.capture
            if not current:
                lane.awaiting_key = True
                lane.in_unit = lane.skip = sequence.in_unit
                lane.capture = sequence.capture
        if lane.awaiting_key:
            lane.route.want_key()
        self.drain(now)
        if lane.slow and lane.in_step and self.limit != _DIVERT:
            lane.promote()

    def detach(self, lane: Lane, now: float) -> None:
        """Ends a lane; what waits of it is dropped."""
        lane.route.detach(lane)
        if self.lanes.get(lane.route.handle) is lane:
            del self.lanes[lane.route.handle]
        self.waiting -= lane.drop("unwatched", started_too=True)
        if self.limit == _DIVERT:
            self.drain(now)

    def thin(self, lane: Lane, base_only: bool, now: float) -> None:
        """Leaves out the upper temporal layers from here on, or lets them through again."""
        sequence = lane.route.sequence
        if lane.base_only is base_only or sequence is None:
            return
        if not base_only:
            lane.base_only = False
            lane.upper_dropped = True  # of the base unit at hand some may be missing
            return
        lane.route.settle(now)
        lane.base_only = True
        if not lane.slow:
            if not lane.synced:
                self._sync(lane, sequence.in_unit, sequence.capture, now)
            lane.demote()

    # ----------------------------------------------------------------- video

    def _push_video(self, lane: Lane, frame: bytes, now: float) -> None:
        bits = frame[1]
        if not (lane.in_unit and frame[8:16] == lane.capture):
            lane.capture = frame[8:16]
            self._start_unit(lane, bits, now)
        lane.in_unit = not bits & FLAG_LAST
        if lane.skip:
            lane.skip = lane.in_unit
            lane.route.tally.drops["until-key" if lane.awaiting_key else "layer"] += 1
            return
        unit = lane.current
        assert unit is not None
        unit.frames.append(frame)
        unit.size += len(frame)
        self.waiting += len(frame)
        if not unit.queued:
            unit.queued = True
            lane.units.append(unit)

    def _start_unit(self, lane: Lane, bits: int, now: float) -> None:
        upper = not bits & FLAG_KEY and bool(bits & LAYER_MASK)
        if lane.units and not upper:
            self.drain(now)  # only what there is no credit for makes way for what is newer
        if bits & FLAG_KEY:
            self.waiting -= lane.drop("superseded")
            lane.awaiting_key = lane.upper_dropped = lane.skip = False
            if lane.arrived is not None:
                arrived, lane.arrived = lane.arrived, None
                arrived(now)
        elif lane.awaiting_key:
            lane.skip = True
        elif upper:
            lane.skip = lane.upper_dropped or lane.base_only
        else:
            lane.skip = lane.upper_dropped = False
            self.waiting -= lane.drop_upper()
        lane.current = None if lane.skip else Unit(now + VIDEO_DEADLINE, upper)

    # ---------------------------------------------------------------- sending

    def drain(self, now: float) -> None:
        """Drops what is too late, sends what there is credit for, and sets ``limit``."""
        if (
            self.limit == _DIVERT
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
            self.limit = _DIVERT
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
            tally.video.waited(len(frame), now - unit.deadline + VIDEO_DEADLINE)
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
