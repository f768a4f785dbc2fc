"""One participant watching one stream: which rendition flows to them, and the switch between two.

The rendition that flows goes on until the wanted one's key frame is here, so that a switch is
never a gap.
"""

from __future__ import annotations

from meetwidget.wire.control import FlowSide, FlowState, Want

from .lane import Lane
from .queue import ReceiverQueue
from .route import Route
from .streams import PublishedStream

Flow = tuple[FlowState, FlowSide | None]


class Watch:
    """A tile at a receiver. ``queue`` is ``None`` while they have no media socket for it."""

    __slots__ = (
        "_coming",
        "_flowing",
        "_lane",
        "_next_lane",
        "_owed",
        "level",
        "participant",
        "queue",
        "seen",
        "stream",
        "told",
        "told_at",
        "want",
    )

    def __init__(
        self, participant: str, stream: PublishedStream, want: Want, owed: list[Route]
    ) -> None:
        self.participant = participant
        self.stream = stream
        self.want = want
        self._owed = owed
        self.level: int | None = None
        """What the line leaves of it, see :meth:`levels`; 0: paused; ``None``: all of it."""
        self.told: Flow = ("full", None)
        """What the watcher was told last of how it comes through, when, and what was seen last."""
        self.told_at = float("-inf")
        self.seen: Flow = self.told
        self.queue: ReceiverQueue | None = None
        self._flowing: Route | None = None
        self._coming: Route | None = None
        self._lane: Lane | None = None
        self._next_lane: Lane | None = None

    @property
    def levels(self) -> int:
        """How many levels there are: two for each rung, without and with the upper layers."""
        return 2 * (self.stream.rung(self.want.height) + 1)

    @property
    def present(self) -> int:
        """The level that is meant to flow now."""
        return self.levels if self.level is None else min(self.level, self.levels)

    @property
    def wanted(self) -> Route | None:
        """The rendition that fits the tile and the line; ``None`` when paused."""
        level = self.present
        if not level:
            return None
        return self.stream.routes[self.stream.ladder()[(level - 1) // 2]]

    @property
    def routes(self) -> list[Route]:
        """What has to be encoded for this tile."""
        return [route for route in (self._flowing, self._coming) if route is not None]

    def limit(self, level: int, now: float) -> None:
        """The line leaves this many levels."""
        self.level = None if level >= self.levels else level
        self.apply(now)

    def apply(self, now: float) -> None:
        """Makes what flows follow what is wanted."""
        wanted = self.wanted
        if wanted is None:
            self.end(now)
            return
        if wanted not in (self._flowing, self._coming):
            self._drop_next(now)
            if self._flowing is None or self._lane is None:
                self._drop_current(now)
                self._flowing = wanted
            else:
                self._coming = wanted
        elif wanted is self._flowing:
            self._drop_next(now)
        self._owed.extend(self.routes)
        self._open_lanes(now)
        self._thin(now)

    def _thin(self, now: float) -> None:
        """Leaves out upper layers by the level; of what is about to be left, at once."""
        odd = bool(self.present % 2)
        if self._lane is not None:
            flows = self._flowing is self.wanted
            self._lane.queue.thin(self._lane, odd if flows else self._shrinks, now)
            if self._lane.leaving and not self._shrinks:
                self._lane.key_from = now
            self._lane.leaving = self._shrinks
        if self._next_lane is not None:
            self._next_lane.queue.thin(self._next_lane, odd, now)

    @property
    def _shrinks(self) -> bool:
        """Whether a smaller rendition is awaited in place of what flows."""
        if self._flowing is None or self._coming is None:
            return False
        ladder = [self.stream.routes[index] for index in self.stream.ladder()]
        if self._flowing not in ladder:
            return False
        return ladder.index(self._coming) < ladder.index(self._flowing)

    def ask_for_key(self) -> None:
        """The receiver said the same again: their decoder needs to start anew."""
        if self._flowing is not None:
            self._flowing.insisted = True
            self._flowing.want_key()

    def move(self, queue: ReceiverQueue | None, now: float) -> None:
        """The receiver's media socket for this kind was opened, replaced or closed."""
        if queue is self.queue:
            return
        self._drop_next(now)
        if self._lane is not None:
            assert self.queue is not None
            self.queue.detach(self._lane, now)
            self._lane = None
        self.queue = queue
        self._flowing = None
        self.apply(now)

    def rearrange(self, gone: list[Route], now: float) -> None:
        """The stream's renditions changed: lanes of routes that are no more end."""
        if self._coming in gone:
            self._drop_next(now)
        if self._flowing in gone:
            self._drop_current(now)
        for lane in (self._lane, self._next_lane):
            if lane is not None:
                lane.priority = self.want.priority
        self.apply(now)

    def end(self, now: float) -> None:
        """Nothing flows any more."""
        self._drop_next(now)
        self._drop_current(now)

    def _open_lanes(self, now: float) -> None:
        if self.queue is None:
            return
        if self._lane is None and self._flowing is not None:
            self._lane = self._open(self.queue, self._flowing, now)
        if self._next_lane is None and self._coming is not None:
            lane = self._next_lane = Lane(self.queue, self._coming, self.want.priority)
            self._coming.settle(now)
            self.queue.attach(lane)
            if lane.awaiting_key:
                lane.arrived = self._switch
                self.queue.start(lane, now, still=False)
            else:
                self._switch(now)

    def _open(self, queue: ReceiverQueue, route: Route, now: float) -> Lane:
        route.settle(now)
        lane = Lane(queue, route, self.want.priority)
        queue.attach(lane)
        queue.start(lane, now)
        return lane

    def _switch(self, now: float) -> None:
        old, self._lane, self._next_lane = self._lane, self._next_lane, None
        self._owed.extend(self.routes)
        self._flowing, self._coming = self._coming, None
        if old is not None and self.queue is not None:
            self.queue.detach(old, now)

    def _drop_next(self, now: float) -> None:
        self._owed.extend(self.routes)
        lane, self._next_lane, self._coming = self._next_lane, None, None
        if lane is not None:
            lane.arrived = None
            lane.queue.detach(lane, now)

    def _drop_current(self, now: float) -> None:
        self._owed.extend(self.routes)
        lane, self._lane, self._flowing = self._lane, None, None
        if lane is not None:
            lane.queue.detach(lane, now)
