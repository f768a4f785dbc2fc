"""What one receiver gets of what is meant for them, and in which order it is given up.

One queue per media socket. Bytes under way are bounded by :class:`Credit`; what does not fit
waits here, where it can still be dropped, never in a buffer behind. While nothing waits,
``limit`` is the number of bytes that may have been sent in all, and the fan-out passes by
this module (see :meth:`Route.settle`). While something waits ``limit`` is -1, which diverts
every frame to :meth:`ReceiverQueue.divert`. What is given up, and when, is in :mod:`.backlog`;
what is sent, and when, in :mod:`.outlet`.
"""

from __future__ import annotations

from collections.abc import Sequence

from meetwidget.wire.media import FLAG_KEY, FLAG_LAST, LAYER_MASK

from .backlog import VIDEO_DEADLINE
from .lane import Lane, Unit
from .outlet import DIVERT, Outlet
from .route import Route

KEY_WAIT = 2.0
"""A key frame may hold up what follows it for so many times its own time on the line: once for itself,
once for what gathers behind. Given up by the usual deadline, each would ask for the next, and a
narrow line would carry nothing else."""
LONGEST_KEY_WAIT = 0.8
"""Seconds of that at most."""


class ReceiverQueue(Outlet):
    """Everything on its way to one media socket."""

    __slots__ = ()

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
            lane.current = Unit(now, now + VIDEO_DEADLINE, False)
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
        if lane.slow and lane.in_step and self.limit != DIVERT:
            lane.promote()

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
        if lane.slow and lane.in_step and self.limit != DIVERT:
            lane.promote()

    def detach(self, lane: Lane, now: float) -> None:
        """Ends a lane; what waits of it is dropped."""
        lane.route.detach(lane)
        if self.lanes.get(lane.route.handle) is lane:
            del self.lanes[lane.route.handle]
        self.waiting -= lane.drop("unwatched", started_too=True)
        if self.limit == DIVERT:
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
        if bits & FLAG_KEY:
            wait = min(LONGEST_KEY_WAIT, KEY_WAIT * unit.size / self.credit.rate)
            unit.deadline = lane.patient_until = now + VIDEO_DEADLINE + wait
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
        deadline = max(now + VIDEO_DEADLINE, lane.patient_until)
        lane.current = None if lane.skip else Unit(now, deadline, upper)
