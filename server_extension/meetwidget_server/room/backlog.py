"""What waits for one receiver, and the order in which it is given up.

Waiting upper-layer units go as soon as a newer base unit waits; all deltas of a handle until
its next key frame when a unit is past its deadline; whole handles when bytes run out; sound
last, and never while video waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from meetwidget.wire.media import FrameKind

from .lane import Lane
from .route import Route
from .tally import DropReason, MediaTally

VIDEO_DEADLINE = 0.25
"""Seconds a video unit may wait: later, a newer picture is worth more."""
SOUND_DEADLINE = 0.2
"""Seconds a packet of sound may wait: the largest jitter buffer."""
DATA_DEADLINE = 0.25
KEY_PAUSE = 1.0
"""Seconds between key frames asked for because one receiver lost what others got; doubled each time."""
LONGEST_KEY_PAUSE = 8.0
KEY_CALM = 10.0
"""Seconds without such a loss after which the pause is short again."""


class Backlog:
    """Frames that were held back from one media socket."""

    __slots__ = (
        "_data",
        "_expired_at",
        "_key_pause",
        "_keys_from",
        "_max_bytes",
        "_sound",
        "_tally",
        "breaks",
        "lanes",
        "waiting",
    )

    def __init__(self, max_bytes: int, tally: MediaTally, now: float) -> None:
        self.lanes: dict[int, Lane] = {}
        self.waiting = 0
        """Bytes that wait for credit."""
        self.breaks = 0
        """How often a lane lost its deltas since :mod:`.sharing` looked last."""
        self._tally = tally
        self._max_bytes = max_bytes
        self._expired_at = now
        self._sound: deque[tuple[float, bytes]] = deque()
        self._data: deque[tuple[float, bytes]] = deque()
        self._keys_from = float("-inf")
        self._key_pause = KEY_PAUSE

    def _hold_back(self, route: Route, frames: Sequence[bytes], now: float) -> None:
        """Takes sound or data."""
        sound = route.code == FrameKind.AUDIO
        line = self._sound if sound else self._data
        for frame in frames:
            line.append((now + (SOUND_DEADLINE if sound else DATA_DEADLINE), frame))
            self.waiting += len(frame)

    def _break(self, lane: Lane, reason: DropReason, now: float, started_too: bool = False) -> None:
        """Gives up a lane's deltas until the next key frame, which is asked for."""
        unit = lane.current
        self.waiting -= lane.drop(reason, started_too)
        if lane.in_unit and (unit is None or not unit.started or started_too):
            lane.skip = True
        lane.awaiting_key = True
        self.breaks += not lane.leaving
        lane.demote()
        self._ask_for_key(lane, now)

    def _ask_for_key(self, lane: Lane, now: float) -> None:
        """A key frame costs everybody who watches: one bad line may not ask for many."""
        if now - self._keys_from > KEY_CALM:
            self._key_pause = KEY_PAUSE
        if lane.leaving:
            lane.key_from = float("inf")
            return
        if lane.route.shared and now < self._keys_from:
            lane.key_from = self._keys_from
            return
        self._keys_from = now + self._key_pause
        self._key_pause = min(LONGEST_KEY_PAUSE, self._key_pause * 2)
        lane.key_from = now
        lane.route.want_key()

    def _break_all(self, now: float) -> None:
        for lane in self.lanes.values():
            if any(not unit.started for unit in lane.units):
                self._break(lane, "for-sound", now)

    def _expire(self, now: float) -> None:
        if now != self._expired_at:  # once per turn, however many handles come in it
            self._expired_at = now
            for lane in self.lanes.values():
                if lane.units:
                    self._expire_units(lane, now)
            while self._data and self._data[0][0] < now:
                self.waiting -= len(self._data.popleft()[1])
                self._tally.data.drops["deadline"] += 1
            if self._sound and self._sound[0][0] < now:
                self._break_all(now)
                while self._sound and self._sound[0][0] < now:
                    self.waiting -= len(self._sound.popleft()[1])
                    self._tally.audio.drops["deadline"] += 1
        while self.waiting > self._max_bytes:
            self._give_up_most(now)

    def _expire_units(self, lane: Lane, now: float) -> None:
        for unit in list(lane.units):
            if unit.started or unit.deadline >= now:
                continue
            if not unit.upper:
                self._break(lane, "deadline", now)
                return
            lane.units.remove(unit)
            self.waiting -= unit.size
            lane.route.tally.drops["deadline"] += len(unit.frames)
            lane.upper_dropped = True
            if unit is lane.current:
                lane.current = None
                lane.skip = lane.in_unit

    def _give_up_most(self, now: float) -> None:
        """Makes room when bytes run out: whole units of the fullest lane, then data, then sound.

        A unit that was begun is broken off only when nothing else is left but sound.
        """
        waiting = [
            (sum(unit.size for unit in lane.units if not unit.started), lane)
            for lane in self.lanes.values()
            if lane.units
        ]
        size, fullest = max(waiting, key=lambda each: each[0], default=(0, None))
        if fullest is not None and size:
            self._break(fullest, "overflow", now)
        elif self._data:
            self.waiting -= len(self._data.popleft()[1])
            self._tally.data.drops["overflow"] += 1
        elif fullest is not None:
            self._break(fullest, "overflow", now, started_too=True)
        else:
            self.waiting -= len(self._sound.popleft()[1])
            self._tally.audio.drops["overflow"] += 1

    def _next_lane(self) -> Lane | None:
        waiting = [lane for lane in self.lanes.values() if lane.units]
        if not waiting:
            return None
        return min(
            waiting,
            key=lambda lane: (not lane.units[0].started, -lane.priority, lane.units[0].deadline),
        )
