"""What happens on the media plane of a room ten times a second, whoever sends.

Acknowledgements, deadlines, the choice of voices, the sharing of each line, key frames that are
due, and what watchers are told of all this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from meetwidget.wire.close import CloseCode
from meetwidget.wire.media import pack_ack

from .demand import Demands
from .effects import Effects
from .flow import Flows
from .loudest import Loudest
from .options import RoomOptions
from .ports import MediaPort, Seat
from .records import Connection
from .route import Route
from .sharing import Sharing
from .streams import PublishedStream
from .tally import MediaTally

TICK_INTERVAL = 0.1
"""Seconds between ticks of a room; also the interval of acknowledgements."""
Refuse = Callable[[MediaPort, CloseCode, str, float], Effects]


class Pulse:
    """The clock of one room's media."""

    def __init__(
        self,
        options: RoomOptions,
        seats: Mapping[str, Seat],
        streams: Mapping[str, PublishedStream],
        routes: Mapping[int, Route],
        demands: Demands,
        connection_of: Callable[[str], Connection | None],
        refuse: Refuse,
        tally: MediaTally,
    ) -> None:
        self._stall = options.stall
        self._seats = seats
        self._streams = streams
        self._routes = routes
        self._demands = demands
        self._refuse = refuse
        self._sharing = Sharing(tally)
        self._flows = Flows(connection_of)
        self._loudest = Loudest(options.loudest)
        self._ticked_at: float | None = None
        self.fit = self._sharing.fit
        """``fit(seat, now)``: what somebody watches has changed."""
        self.forget = self._flows.forget
        """``forget(route)``: it is no more."""

    def tick(self, now: float) -> Effects:
        """Does all that is due."""
        effects: Effects = []
        lag = 0.0 if self._ticked_at is None else now - self._ticked_at - TICK_INTERVAL
        self._ticked_at = now
        lagged = self._flows.lagged(lag, now)
        for route in self._routes.values():
            if route.sequence is not None:
                route.bitrate.measure(route.sequence, route.on, now)
        self._loudest.tick(self._microphones(), now)
        for seat in list(self._seats.values()):
            for port in seat.distinct_ports():
                if lagged:
                    port.queue.estimate.excuse(now)
                effects += self._tick_port(port, now)
            self._sharing.tick(seat, now)
        self._demands.tick(self._routes.values(), now)
        effects += self._flows.tick(self._streams.values(), self._seats.values(), now)
        return [*effects, *self._demands.settle(now)]

    def _microphones(self) -> list[Route]:
        return [
            route
            for stream in self._streams.values()
            if stream.source == "microphone"
            for route in stream.routes
        ]

    def _tick_port(self, port: MediaPort, now: float) -> Effects:
        queue = port.queue
        if port.received != port.reported:
            port.reported = port.received
            queue.control(pack_ack(port.received, int(now * 1_000_000)))
        queue.tick(now)
        since = queue.blocked_since
        if since is not None and now - since >= self._stall:
            return self._refuse(port, CloseCode.TOO_SLOW, "This connection is too slow.", now)
        return []
