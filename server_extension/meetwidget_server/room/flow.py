"""What watchers are told of how a picture comes through to them, and whose side is short.

Told on change only, and only once a change has lasted: a sign that blinks says nothing. The
receiver's side is known from what their line was given, the sender's from what arrives here,
the relay's from its own clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import UNSET

from meetwidget.wire.control import FlowSide, FlowState, StreamFlow

from .effects import Effects, Send
from .ports import Seat
from .records import Connection
from .route import Route
from .streams import PublishedStream
from .watching import Flow, Watch

LOOK_INTERVAL = 0.5
"""Seconds between looks; two that agree are told."""
LEAST_BETWEEN = 1.0
"""Seconds between two things told about one stream."""
ABSENT = 3.0
"""Seconds in which nothing comes of a camera that is asked for, until that is told."""
LATE = 0.5
"""Seconds by which frames come later than they did, until the sender's line counts as short: by
what the tiles show red, of end-to-end delay."""
DELAY_MEMORY = 15.0
"""Seconds after which the least delay of a sender is measured anew."""
GAPS = 2
"""Pictures missing before the relay within :data:`GAPS_WITHIN` seconds that count."""
GAPS_WITHIN = 5.0
SLOW_SHARE = 0.4
"""Share of the announced frame rate below which pictures are few; without the upper layer it is 0.5."""
LAG = 0.25
"""Seconds by which the relay's own tick comes late until that counts: half of the above."""
LAGS = 3
"""So many of them within :data:`LAGS_WITHIN` seconds are told."""
LAGS_WITHIN = 5.0

FULL: Flow = ("full", None)


class Uplink:
    """How one rendition arrives at the relay."""

    __slots__ = (
        "_at",
        "_gaps",
        "_least",
        "_least_at",
        "_next_least",
        "_on_since",
        "_units",
        "state",
    )

    def __init__(self, now: float) -> None:
        self.state: FlowState = "full"
        self._on_since: float | None = None
        self._least = self._next_least = float("inf")
        self._least_at = self._at = now
        self._units = 0
        self._gaps: list[tuple[float, int]] = []

    def look(self, route: Route, fps: float | None, steady: bool, now: float) -> None:
        """Sets ``state`` anew.

        Args:
            route: the rendition.
            fps: pictures a second that its sender announced.
            steady: whether its pictures always come, as those of a camera do.
            now: seconds.
        """
        sequence = route.sequence
        if not route.on or sequence is None:
            self._on_since = None
            self.state = "full"
            return
        passed = now - self._at
        units, self._units, self._at = sequence.units - self._units, sequence.units, now
        if self._on_since is None:
            self._on_since = now
            self._gaps = [(now, sequence.gaps)]
            return
        if steady and now - max(self._on_since, route.arrived_at) >= ABSENT:
            self.state = "paused"
            return
        self._gaps = [each for each in self._gaps if now - each[0] < GAPS_WITHIN]
        before = self._gaps[0][1] if self._gaps else sequence.gaps
        self._gaps.append((now, sequence.gaps))
        slow = (
            steady
            and fps is not None
            and now - self._on_since >= ABSENT
            and 0 < units < SLOW_SHARE * fps * passed
        )
        short = slow or sequence.gaps - before >= GAPS or self._late(route, now)
        self.state = "reduced" if short else "full"

    def _late(self, route: Route, now: float) -> bool:
        sequence = route.sequence
        if sequence is None or len(sequence.capture) != 8 or now - route.arrived_at > ABSENT:
            return False
        delay = route.arrived_at - int.from_bytes(sequence.capture, "big") / 1e6
        self._least = min(self._least, delay)
        self._next_least = min(self._next_least, delay)
        if now - self._least_at > DELAY_MEMORY:
            self._least, self._next_least = self._next_least, delay
            self._least_at = now
        return delay - self._least > LATE


class Flows:
    """All that watchers of a room are told of flow."""

    def __init__(self, connection_of: Callable[[str], Connection | None]) -> None:
        self._connection_of = connection_of
        self._uplinks: dict[Route, Uplink] = {}
        self._looked_at = float("-inf")
        self._lags: list[float] = []

    def lagged(self, seconds: float, now: float) -> bool:
        """The relay's tick came late by so much; returns whether that counts."""
        if seconds < LAG:
            return False
        self._lags = [at for at in self._lags if now - at < LAGS_WITHIN] + [now]
        return True

    def tick(
        self, streams: Iterable[PublishedStream], seats: Iterable[Seat], now: float
    ) -> Effects:
        """Looks again, if it is time, and tells what has changed."""
        if now - self._looked_at < LOOK_INTERVAL:
            return []
        self._looked_at = now
        just_lagged = bool(self._lags) and now - self._lags[-1] < 2 * LOOK_INTERVAL
        for stream in streams:
            if stream.kind == "video" and not just_lagged:
                self._look(stream, now)
        lagging = sum(now - at < LAGS_WITHIN for at in self._lags) >= LAGS
        effects: Effects = []
        for seat in seats:
            connection = self._connection_of(seat.participant)
            for watch in seat.watches.values() if connection is not None else ():
                if watch.stream.kind == "video" and self._changed(watch, lagging, now):
                    state, side = watch.told
                    effects.append(Send((connection,), StreamFlow(watch.stream.id, state, side)))
        return effects

    def forget(self, route: Route) -> None:
        """The route is no more."""
        self._uplinks.pop(route, None)

    def _look(self, stream: PublishedStream, now: float) -> None:
        for route, offer in zip(stream.routes, stream.offers, strict=True):
            uplink = self._uplinks.get(route)
            if uplink is None:
                uplink = self._uplinks[route] = Uplink(now)
            fps = None if offer.fps is UNSET else offer.fps
            # A shared screen and a kernel's pictures may stand still.
            uplink.look(route, fps, stream.source == "camera", now)

    def _changed(self, watch: Watch, lagging: bool, now: float) -> bool:
        flow = self._flow(watch, lagging)
        before, watch.seen = watch.seen, flow
        if flow == watch.told or flow != before or now - watch.told_at < LEAST_BETWEEN:
            return False
        watch.told, watch.told_at = flow, now
        return True

    def _flow(self, watch: Watch, lagging: bool) -> Flow:
        if watch.level == 0:
            return "paused", "receiver"
        route = watch.wanted
        uplink = None if route is None else self._uplinks.get(route)
        arrives: FlowState = "full" if uplink is None else uplink.state
        side: FlowSide = "sender"
        if arrives == "paused":
            return arrives, side
        if watch.level is not None and watch.level < watch.levels:
            return "reduced", "receiver"
        if lagging:  # which makes senders look late, too
            return "reduced", "relay"
        return (arrives, side) if arrives == "reduced" else FULL
