"""The media plane of a room: who publishes, who watches, and on which sockets.

It knows participants by id only. Frames pass through :mod:`.forwarding`, what senders are
asked for through :mod:`.demand`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import RenditionOffer, Source, Stream, Want
from meetwidget.wire.media import MediaKind

from .adaptation import Adaptation
from .demand import Demands
from .effects import Close, Effects
from .forwarding import Forwarding
from .handles import HandlePool
from .options import RoomOptions
from .ports import MediaPort, Seat
from .pulse import Pulse
from .queue import ReceiverQueue
from .records import Connection
from .route import Encode, Route
from .sequence import VideoSequence
from .streams import PublishedStream, frame_code
from .tally import MediaTally
from .watching import Watch


class TooManyStreams(Exception):
    """A participant publishes as much as they may, or the room is out of handles."""


class MediaPlane:
    """All streams, watches and media sockets of a room."""

    def __init__(
        self,
        options: RoomOptions,
        new_id: Callable[[str], str],
        encode: Encode,
        connection_of: Callable[[str], Connection | None],
        tally: MediaTally,
    ) -> None:
        self._tally = tally
        self._options = options
        self._new_id = new_id
        self._encode = encode
        self._handles = HandlePool()
        self._seats: dict[str, Seat] = {}
        self._streams: dict[str, PublishedStream] = {}
        self._routes: dict[int, Route] = {}
        self._watchers: dict[str, dict[str, Watch]] = {}
        """Stream → participant → watch."""
        self._demands = Demands(self._seats, self._streams, self._watchers, connection_of)
        self._owed = self._demands.owed
        self.settle = self._demands.settle
        self._forwarding = Forwarding(
            options.frame_bytes, self._handles, self._routes, self._demands, self._refuse
        )
        self._pulse = Pulse(
            options,
            self._seats,
            self._streams,
            self._routes,
            self._demands,
            connection_of,
            self._refuse,
            tally,
        )
        self.tick = self._pulse.tick
        """``tick(now)``: every :data:`.pulse.TICK_INTERVAL`."""
        self.unflushed = self._forwarding.unflushed
        self.intake = self._forwarding.intake
        self.frame = self._forwarding.frame
        self.flush = self._forwarding.flush

    # ----------------------------------------------------------- participants

    def seat(self, participant: str) -> None:
        """A participant is in."""
        self._seats[participant] = Seat(participant)

    def unseat(self, participant: str, code: int, reason: str, now: float) -> Effects:
        """A participant is gone for good: their sockets close, their streams must be gone."""
        seat = self._seats[participant]
        for stream in list(seat.streams):
            self._remove_stream(seat, stream, now)
        for watch in list(seat.watches.values()):
            self._end_watch(seat, watch, now)
        del self._seats[participant]
        effects: Effects = []
        for port in seat.distinct_ports():
            port.shut()
            effects.append(Close(port.socket, code, reason))
        return [*effects, *self.settle(now)]

    def ports(self) -> list[MediaPort]:
        """Returns all open media sockets."""
        return [port for seat in self._seats.values() for port in seat.distinct_ports()]

    def connected(self, participant: str, connected: bool, now: float) -> Effects:
        """A participant's control connection was lost, or is back.

        While it is lost, what they watch is encoded only as long as their media socket lives.
        One who is back is told again what to encode.
        """
        seat = self._seats[participant]
        seat.connected = connected
        for watch in seat.watches.values():
            watch.told = ("full", None)  # they start anew, so what is not full is told again
            self._owed.extend(watch.routes)
        effects = self.settle(now)
        if connected:
            for stream in seat.streams.values():
                effects += self._demands.repeat(stream, now)
        return effects

    # ---------------------------------------------------------------- streams

    def streams(self) -> list[Stream]:
        """Returns all streams, oldest first."""
        return [stream.wire() for stream in self._streams.values()]

    def streams_of(self, participant: str) -> list[str]:
        """Returns the ids of what a participant publishes."""
        return list(self._seats[participant].streams)

    def publish(
        self, participant: str, source: Source, offers: Sequence[RenditionOffer], now: float
    ) -> tuple[PublishedStream, bool, Effects]:
        """Adds a stream, or updates the participant's stream of the same source in place.

        Returns the stream, whether it is new, and effects. Handles are kept by index.

        Raises:
            TooManyStreams: nothing was changed.
        """
        seat = self._seats[participant]
        stream = next((s for s in seat.streams.values() if s.source == source), None)
        added = stream is None
        if stream is None:
            if len(seat.streams) >= self._options.streams:
                raise TooManyStreams
            stream = PublishedStream(self._new_id("stream"), participant, source)
        missing = len(offers) - len(stream.routes)
        new = self._take_handles(participant, missing, now)
        gone = stream.routes[len(offers) :]
        stream.offer(offers)
        stream.routes = stream.routes[: len(offers)] + [
            self._add_route(handle, stream, now) for handle in new
        ]
        if added:
            seat.streams[stream.id] = self._streams[stream.id] = stream
            self._watchers[stream.id] = {}
        for watch in list(self._watchers[stream.id].values()):
            watch.rearrange(gone, now)
        self._remove_routes(seat, gone, now)
        return stream, added, self.settle(now)

    def _take_handles(self, participant: str, count: int, now: float) -> list[int]:
        if count > self._handles.free(now):
            raise TooManyStreams
        return [self._handles.take(participant, now) for _ in range(count)]

    def _add_route(self, handle: int, stream: PublishedStream, now: float) -> Route:
        sequence = None
        if stream.kind == "video":
            sequence = VideoSequence(self._options.cache_bytes, self._options.cache_frames)
        code = frame_code(stream.kind)
        route = Route(
            handle,
            code,
            stream.id,
            sequence,
            self._encode,
            self._owed,
            self.unflushed,
            self._tally.of(code),
            now,
        )
        self._routes[handle] = route
        return route

    def _remove_routes(self, seat: Seat, gone: list[Route], now: float) -> None:
        for route in gone:
            del self._routes[route.handle]
            self._handles.release(route.handle, now)
            self._demands.forget(route)
            self._pulse.forget(route)
            route.frames = []
            route.size = 0
        for port in seat.distinct_ports():
            port.forget_routes()

    def unpublish(self, participant: str, stream: str, now: float) -> Effects | None:
        """Removes a stream; ``None`` if the participant publishes no such stream."""
        seat = self._seats[participant]
        if stream not in seat.streams:
            return None
        self._remove_stream(seat, stream, now)
        return self.settle(now)

    def _remove_stream(self, seat: Seat, id_: str, now: float) -> None:
        stream = seat.streams.pop(id_)
        del self._streams[id_]
        for watch in self._watchers.pop(id_).values():
            watch.end(now)
            del self._seats[watch.participant].watches[id_]
        self._remove_routes(seat, stream.routes, now)

    def mute(self, participant: str, muted: bool, now: float) -> Effects:
        """Silences (or lets through again) a participant's microphone, at the relay."""
        for stream in self._seats[participant].streams.values():
            if stream.source == "microphone":
                for route in stream.routes:
                    route.mute(muted)
                self._owed.extend(stream.routes)
        return self.settle(now)

    # --------------------------------------------------------------- watching

    def watch(self, participant: str, wants: dict[str, Want | None], now: float) -> Effects:
        """Starts, changes and ends watches; streams that are no more are passed over."""
        seat = self._seats[participant]
        for id_, want in wants.items():
            stream = self._streams.get(id_)
            if stream is None:
                continue
            watch = seat.watches.get(id_)
            if want is None:
                if watch is not None:
                    self._end_watch(seat, watch, now)
            elif watch is None:
                watch = Watch(participant, stream, want, self._owed)
                seat.watches[id_] = self._watchers[id_][participant] = watch
                watch.apply(now)
                port = seat.ports.get(stream.kind)
                watch.move(None if port is None else port.queue, now)
            elif watch.want == want:
                watch.ask_for_key()
            else:
                watch.want = want
                watch.rearrange([], now)
        self._pulse.fit(seat, now)
        return self.settle(now)

    def _end_watch(self, seat: Seat, watch: Watch, now: float) -> None:
        watch.end(now)
        del seat.watches[watch.stream.id]
        del self._watchers[watch.stream.id][watch.participant]

    # ---------------------------------------------------------------- sockets

    def open(
        self, participant: str, socket: Connection, kinds: frozenset[MediaKind], now: float
    ) -> tuple[MediaPort, Effects]:
        """A media socket for these kinds is open; an older one that has none left is closed."""
        seat = self._seats[participant]
        queue = ReceiverQueue(
            socket, kinds, self._options, self._encode, self.unflushed, now, self._tally
        )
        port = MediaPort(socket, participant, kinds, queue)
        replaced = list(dict.fromkeys(seat.ports[kind] for kind in kinds if kind in seat.ports))
        for kind in kinds:
            seat.ports[kind] = port
        self._reseat(seat, kinds, now)
        effects: Effects = []
        for old in replaced:
            if old not in seat.ports.values():
                old.shut()
                effects.append(Close(old.socket, CloseCode.REPLACED, "A newer socket took over."))
        return port, [*effects, *self.settle(now)]

    def close(self, port: MediaPort, now: float) -> Effects:
        """A media socket is closed."""
        port.shut()
        seat = self._seats.get(port.participant)
        if seat is None:
            return []
        kinds = frozenset(kind for kind, held in seat.ports.items() if held is port)
        for kind in kinds:
            del seat.ports[kind]
        self._reseat(seat, kinds, now)
        return self.settle(now)

    def _reseat(self, seat: Seat, kinds: frozenset[MediaKind], now: float) -> None:
        if "video" in kinds:
            seat.adaptation = Adaptation()
        for watch in seat.watches.values():
            if watch.stream.kind in kinds:
                port = seat.ports.get(watch.stream.kind)
                watch.level = None
                watch.move(None if port is None else port.queue, now)

    def _refuse(self, port: MediaPort, code: CloseCode, reason: str, now: float) -> Effects:
        effects = self.close(port, now)
        return [Close(port.socket, code, reason), *effects]
