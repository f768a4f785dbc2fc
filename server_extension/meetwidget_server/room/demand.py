"""What senders are asked to encode: what is watched, nothing else, and key frames when due.

Everything that changes what is watched notes the route in ``owed``; :meth:`Demands.settle`
then looks at the streams concerned, once, and tells their owners what is new. Key frames
are asked for once for all who wait, at most every :data:`KEY_INTERVAL`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from meetwidget.wire.control import Demand, RenditionDemand

from .effects import Effects, Send
from .ports import Seat
from .records import Connection
from .route import Route
from .streams import PublishedStream
from .watching import Watch

KEY_INTERVAL = 0.5
"""Seconds between key frames asked of one rendition, whoever wants them."""
KEY_REPEAT = 1.5
"""Seconds after which a key frame that did not come is asked for again."""


class Demands:
    """The demand on all streams of a room."""

    def __init__(
        self,
        seats: Mapping[str, Seat],
        streams: Mapping[str, PublishedStream],
        watchers: Mapping[str, Mapping[str, Watch]],
        connection_of: Callable[[str], Connection | None],
    ) -> None:
        self._seats = seats
        self._streams = streams
        self._watchers = watchers
        self._connection_of = connection_of
        self.owed: list[Route] = []
        """Routes whose demand or key frame is to be looked at again."""
        self._keys_due: dict[Route, None] = {}
        """Routes whose key frame was wanted too soon after the last request."""

    def settle(self, now: float) -> Effects:
        """Tells senders what changed in what is watched, and which key frames are due."""
        effects: Effects = []
        while self.owed:
            streams = dict.fromkeys(route.stream for route in self.owed)
            self.owed.clear()
            for id_ in streams:
                stream = self._streams.get(id_)
                if stream is not None:
                    news, demand = self._reckon(stream, now)
                    effects += self._tell(stream, demand) if news else []
        return effects

    def repeat(self, stream: PublishedStream, now: float) -> Effects:
        """Tells a stream's owner everything again, who may have missed some of it."""
        return self._tell(stream, self._reckon(stream, now)[1])

    def forget(self, route: Route) -> None:
        """The route is no more."""
        self._keys_due.pop(route, None)

    def tick(self, routes: Iterable[Route], now: float) -> None:
        """Notes the key frames that are due by now, and those that did not come."""
        for route in list(self._keys_due):
            if not self._still_needed(route, now):
                route.key_wanted = False
                del self._keys_due[route]
            elif now - route.asked_at >= KEY_INTERVAL:
                self.owed.append(route)
        for route in routes:
            if route.slow and now - route.asked_at >= KEY_REPEAT and route.needs_key(now):
                route.want_key()

    @staticmethod
    def _still_needed(route: Route, now: float) -> bool:
        sequence = route.sequence
        return route.open and (
            route.insisted or route.needs_key(now) or (sequence is not None and sequence.broken)
        )

    def _reckon(self, stream: PublishedStream, now: float) -> tuple[bool, Demand]:
        watched: dict[Route, None] = {}
        for watch in self._watchers[stream.id].values():
            seat = self._seats[watch.participant]
            if seat.connected or stream.kind in seat.ports:
                watched.update(dict.fromkeys(watch.routes))
        news = False
        renditions = []
        for route in stream.routes:
            on = route in watched and not route.muted
            key = self._ask_for_key(route, now) if on and route.key_wanted else False
            news = news or key or on != route.on
            route.on = on
            renditions.append(RenditionDemand(route.handle, on, key))
        return news, Demand(stream.id, renditions)

    def _ask_for_key(self, route: Route, now: float) -> bool:
        if now - route.asked_at < KEY_INTERVAL:
            self._keys_due[route] = None
            return False
        route.key_wanted = route.insisted = False
        route.asked_at = now
        self._keys_due.pop(route, None)
        return True

    def _tell(self, stream: PublishedStream, demand: Demand) -> Effects:
        connection = self._connection_of(stream.owner)
        return [] if connection is None else [Send((connection,), demand)]
