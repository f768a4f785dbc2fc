"""The media plane of a room: who publishes, who watches, and every frame's way between them.

It knows participants by id only, and reads of a frame no more than its header.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    Demand,
    RenditionDemand,
    RenditionOffer,
    Source,
    Stream,
    Want,
)
from meetwidget.wire.media import (
    FLAG_EXTENSION,
    HEADER_BYTES,
    BadMediaFrame,
    FrameKind,
    MediaKind,
    pack_ack,
    parse,
    parse_ack,
)

from .adaptation import Adaptation
from .effects import Close, Effect, Effects, Send
from .handles import HandlePool
from .options import RoomOptions
from .queue import ReceiverQueue
from .records import Connection
from .route import Encode, Route
from .sequence import VideoSequence
from .streams import PublishedStream, frame_code
from .watching import Watch

KEY_INTERVAL = 0.5
"""Seconds between key frames asked of one rendition, whoever wants them."""
KEY_REPEAT = 1.5
"""Seconds after which a key frame that did not come is asked for again."""
_NOTHING: tuple[Effect, ...] = ()


class TooManyStreams(Exception):
    """A participant publishes as much as they may, or the room is out of handles."""


class MediaPort:
    """One media socket of a member; made by :meth:`Room.open_media`."""

    __slots__ = (
        "adaptation",
        "closed",
        "kinds",
        "participant",
        "queue",
        "received",
        "reported",
        "routes",
        "socket",
    )

    def __init__(
        self,
        socket: Connection,
        participant: str,
        kinds: frozenset[MediaKind],
        queue: ReceiverQueue,
        now: float,
    ) -> None:
        self.socket = socket
        self.participant = participant
        self.kinds = kinds
        """The kinds whose frames go out on this socket."""
        self.queue = queue
        self.adaptation = Adaptation(now)
        self.received = 0
        """Bytes of media frames received here."""
        self.reported = 0
        """What of ``received`` was acknowledged."""
        self.closed = False
        self.routes: dict[bytes, Route] = {}
        """First four bytes of a frame → where it goes, once a frame like it was examined."""

    def shut(self) -> None:
        """Takes no more frames, and hands out none."""
        self.closed = True
        self.routes.clear()
        self.queue.out.clear()


@dataclass(slots=True, eq=False)
class Seat:
    """A participant's media: sockets, what they publish, what they watch."""

    participant: str
    connected: bool = True
    ports: dict[MediaKind, MediaPort] = field(default_factory=dict)
    streams: dict[str, PublishedStream] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)

    def distinct_ports(self) -> list[MediaPort]:
        """Returns each socket once."""
        return list(dict.fromkeys(self.ports.values()))


class MediaPlane:
    """All streams, watches and media sockets of a room."""

    def __init__(
        self,
        options: RoomOptions,
        new_id: Callable[[str], str],
        encode: Encode,
        connection_of: Callable[[str], Connection | None],
    ) -> None:
        self._options = options
        self._new_id = new_id
        self._encode = encode
        self._connection_of = connection_of
        self._handles = HandlePool()
        self._seats: dict[str, Seat] = {}
        self._streams: dict[str, PublishedStream] = {}
        self._routes: dict[int, Route] = {}
        self._watchers: dict[str, dict[str, Watch]] = {}
        """Stream → participant → watch."""
        self._owed: list[Route] = []
        """Routes whose demand or key frame is to be looked at again."""
        self._keys_due: dict[Route, None] = {}
        """Routes whose key frame was wanted too soon after the last request."""
        self.unflushed: list[Route | ReceiverQueue] = []

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
            self._owed.extend(watch.routes)
        effects = self.settle(now)
        if connected:
            for stream in seat.streams.values():
                effects += self._tell(stream, self._demand(stream, now), always=True)
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
        stream.offers = list(offers)
        stream.routes = stream.routes[: len(offers)] + [
            self._add_route(handle, stream) for handle in new
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

    def _add_route(self, handle: int, stream: PublishedStream) -> Route:
        sequence = None
        if stream.kind == "video":
            sequence = VideoSequence(self._options.cache_bytes, self._options.cache_frames)
        code = frame_code(stream.kind)
        route = Route(handle, code, stream.id, sequence, self._encode, self._owed, self.unflushed)
        self._routes[handle] = route
        return route

    def _remove_routes(self, seat: Seat, gone: list[Route], now: float) -> None:
        for route in gone:
            del self._routes[route.handle]
            self._handles.release(route.handle, now)
            self._keys_due.pop(route, None)
            route.frames = []
            route.size = 0
        for port in seat.distinct_ports():
            port.routes.clear()

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
        return self.settle(now)

    def _end_watch(self, seat: Seat, watch: Watch, now: float) -> None:
        watch.end(now)
        del seat.watches[watch.stream.id]
        del self._watchers[watch.stream.id][watch.participant]

    # ----------------------------------------------------------------- demand

    def settle(self, now: float) -> Effects:
        """Tells senders what changed in what is watched, and which key frames are due."""
        effects: Effects = []
        while self._owed:
            streams = dict.fromkeys(route.stream for route in self._owed)
            self._owed.clear()
            for id_ in streams:
                stream = self._streams.get(id_)
                if stream is not None:
                    effects += self._tell(stream, self._demand(stream, now))
        return effects

    def _demand(self, stream: PublishedStream, now: float) -> tuple[bool, Demand]:
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

    def _tell(
        self, stream: PublishedStream, demand: tuple[bool, Demand], always: bool = False
    ) -> Effects:
        connection = self._connection_of(stream.owner)
        if connection is None or not (demand[0] or always):
            return []
        return [Send((connection,), demand[1])]

    # ---------------------------------------------------------------- sockets

    def open(
        self, participant: str, socket: Connection, kinds: frozenset[MediaKind], now: float
    ) -> tuple[MediaPort, Effects]:
        """A media socket for these kinds is open; an older one that has none left is closed."""
        seat = self._seats[participant]
        queue = ReceiverQueue(socket, kinds, self._options, self._encode, self.unflushed, now)
        port = MediaPort(socket, participant, kinds, queue, now)
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
        for watch in seat.watches.values():
            if watch.stream.kind in kinds:
                port = seat.ports.get(watch.stream.kind)
                watch.steps = 0
                watch.move(None if port is None else port.queue, now)

    def _refuse(self, port: MediaPort, code: CloseCode, reason: str, now: float) -> Effects:
        effects = self.close(port, now)
        return [Close(port.socket, code, reason), *effects]

    # ----------------------------------------------------------------- frames

    def intake(
        self,
        port: MediaPort,
        clock: Callable[[], float],
        perform: Callable[[Sequence[Effect]], object],
        wake: Callable[[], object],
    ) -> Callable[[bytes], None]:
        """Returns :meth:`frame` for one socket with everything bound: the hot path.

        ``perform`` gets the effects, if any; ``wake`` is called when there is something to
        flush.
        """
        routes, unflushed, owed = port.routes, self.unflushed, self._owed
        largest = self._options.frame_bytes

        def take(frame: bytes) -> None:
            route = routes.get(frame[:4])
            size = len(frame)
            if (
                route is None
                or route.sequence is not None
                or not route.open
                or not HEADER_BYTES <= size <= largest
                or frame[19]
                or owed
            ):
                effects = self.frame(port, frame, clock())
                if effects:
                    perform(effects)
                elif unflushed:
                    wake()
                return
            port.received += size
            frames = route.frames
            if not frames:
                unflushed.append(route)
                wake()
            frames.append(frame)
            route.size += size

        return take

    def frame(self, port: MediaPort, frame: bytes, now: float) -> Sequence[Effect]:
        """Takes one binary frame of a sender."""
        route = port.routes.get(frame[:4])
        size = len(frame)
        if route is None or not HEADER_BYTES <= size <= self._options.frame_bytes or frame[19]:
            return self._unfamiliar(port, frame, now)
        return self._pass_on(port, route, frame, size, now)

    def _pass_on(
        self, port: MediaPort, route: Route, frame: bytes, size: int, now: float
    ) -> Sequence[Effect]:
        port.received += size
        sequence = route.sequence
        if sequence is not None and not sequence.admit(frame):
            if sequence.broken and route.open:
                route.want_key()
        elif route.open:
            frames = route.frames
            if not frames:
                self.unflushed.append(route)
                if sequence is not None:
                    route.batch_in_unit = sequence.before_in_unit
                    route.batch_capture = sequence.before_capture
            frames.append(frame)
            route.size += size
        if self._owed:
            return self.settle(now)
        return _NOTHING

    def _unfamiliar(self, port: MediaPort, frame: bytes, now: float) -> Sequence[Effect]:
        """Examines a frame whose first bytes are new here, or that is not in order."""
        if port.closed:
            return _NOTHING
        if len(frame) > self._options.frame_bytes:
            return self._refuse(
                port, CloseCode.TOO_LARGE, f"A frame of {len(frame)} bytes is too large.", now
            )
        try:
            header = parse(frame)
            if header.kind == FrameKind.ACK:
                port.queue.acknowledge(parse_ack(frame).received, now)
                return self.settle(now) if self._owed else _NOTHING
        except BadMediaFrame as error:
            return self._refuse(port, CloseCode.BAD_FRAME, f"Not a media frame: {error}.", now)
        if self._handles.owner(header.handle) != port.participant:
            if self._handles.was_owned_by(header.handle, port.participant):
                port.received += len(frame)  # sent before the sender heard that it is no more
                return _NOTHING
            return self._refuse(
                port, CloseCode.NOT_ALLOWED, f"Handle {header.handle} is not yours.", now
            )
        route = self._routes[header.handle]
        if header.kind != route.code:
            return self._refuse(
                port, CloseCode.BAD_FRAME, f"Handle {header.handle} is of another kind.", now
            )
        if not header.flags & FLAG_EXTENSION:  # those are examined each time
            port.routes[frame[:4]] = route
        return self._pass_on(port, route, frame, len(frame), now)

    def flush(self, now: float) -> list[tuple[Connection, bytes]]:
        """Fans out what gathered, and returns what is to be written to each socket."""
        work = self.unflushed[:]
        self.unflushed.clear()
        queues: list[ReceiverQueue] = []
        for item in work:
            if isinstance(item, Route):
                item.settle(now)
            else:
                queues.append(item)
        queues += [item for item in self.unflushed if isinstance(item, ReceiverQueue)]
        self.unflushed.clear()
        decided = []
        for queue in queues:
            out = queue.out
            if out:
                decided.append((queue.socket, out[0] if len(out) == 1 else b"".join(out)))
                out.clear()
        return decided

    # ------------------------------------------------------------------- time

    def tick(self, now: float) -> Effects:
        """Acknowledges, expires, adapts, and asks for the key frames that are due."""
        effects: Effects = []
        for seat in self._seats.values():
            for port in seat.distinct_ports():
                effects += self._tick_port(seat, port, now)
        for route in list(self._keys_due):
            if not self._still_needed(route):
                route.key_wanted = False
                del self._keys_due[route]
            elif now - route.asked_at >= KEY_INTERVAL:
                self._owed.append(route)
        for route in self._routes.values():
            if route.slow and now - route.asked_at >= KEY_REPEAT and route.needs_key:
                route.want_key()
        return [*effects, *self.settle(now)]

    @staticmethod
    def _still_needed(route: Route) -> bool:
        sequence = route.sequence
        return route.open and (
            route.insisted or route.needs_key or (sequence is not None and sequence.broken)
        )

    def _tick_port(self, seat: Seat, port: MediaPort, now: float) -> Effects:
        queue = port.queue
        if port.received != port.reported:
            port.reported = port.received
            queue.control(pack_ack(port.received, int(now * 1_000_000)))
        if queue.waiting:
            queue.drain(now)
        since = queue.blocked_since
        if since is not None and now - since >= self._options.stall:
            return self._refuse(port, CloseCode.TOO_SLOW, "This connection is too slow.", now)
        breaks, queue.breaks = queue.breaks, 0
        step = port.adaptation.step(breaks, now)
        if step:
            self._take_step(seat, port, step, now)
        return []

    def _take_step(self, seat: Seat, port: MediaPort, step: int, now: float) -> None:
        """Gives up, or gives back, one rung of one tile."""
        watches = [watch for watch in seat.watches.values() if watch.queue is port.queue]
        tiles = [watch for watch in watches if watch.stream.kind == "video"]
        if step < 0:
            # Smaller pictures before fewer; the least important first.
            tiles = [watch for watch in tiles if watch.room_below >= 0]
            tiles.sort(key=lambda w: (w.room_below == 0, w.want.priority, -w.room_below))
        else:
            tiles = [watch for watch in tiles if watch.steps > 0]
            tiles.sort(key=lambda w: (w.room_below >= 0, -w.want.priority, -w.steps))
        if tiles:
            tiles[0].steps -= step
            tiles[0].apply(now)
