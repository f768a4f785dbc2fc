"""A media frame's way in: examined once per shape, gathered on its route, fanned out per turn."""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence

from meetwidget.wire.close import CloseCode
from meetwidget.wire.media import (
    FLAG_EXTENSION,
    HEADER_BYTES,
    BadMediaFrame,
    FrameKind,
    pack_ack,
    parse,
    parse_ack,
)

from .demand import Demands
from .effects import Effect, Effects
from .handles import HandlePool
from .ports import MediaPort
from .queue import ReceiverQueue
from .records import Connection
from .route import Route

_ACK_HEAD = pack_ack(0, 0)[:4]
_ACK_BYTES = len(pack_ack(0, 0))
_EXTENDED_BYTES = HEADER_BYTES + 2
_acknowledgement = struct.Struct("!QQ").unpack_from
_NOTHING: tuple[Effect, ...] = ()
Refuse = Callable[[MediaPort, CloseCode, str, float], Effects]


class Forwarding:
    """The hot path of a room."""

    def __init__(
        self,
        frame_bytes: int,
        handles: HandlePool,
        routes: Mapping[int, Route],
        demands: Demands,
        refuse: Refuse,
    ) -> None:
        self._frame_bytes = frame_bytes
        self._handles = handles
        self._routes = routes
        self._demands = demands
        self._owed = demands.owed
        self._refuse = refuse
        self.unflushed: list[Route | ReceiverQueue] = []
        """Routes with gathered frames, and queues with something to write."""

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
        routes, extended = port.routes, port.extended
        unflushed, owed = self.unflushed, self._owed
        largest = self._frame_bytes

        def take(frame: bytes) -> None:
            head = frame[:4]
            route = routes.get(head)
            size = len(frame)
            effects: Sequence[Effect]
            if route is None and head in extended:
                route = _with_extension(extended[head], frame, size)
            if route is None or not HEADER_BYTES <= size <= largest or frame[19]:
                if head == _ACK_HEAD and size == _ACK_BYTES and not (frame[19] or port.closed):
                    received, clock_us = _acknowledgement(frame, HEADER_BYTES)
                    effects = self._acknowledged(port, received, clock_us, clock())
                else:
                    effects = self._unfamiliar(port, frame, clock())
            elif route.sequence is None and route.open and not owed:
                port.received += size
                frames = route.frames
                if not frames:
                    unflushed.append(route)
                    wake()
                frames.append(frame)
                route.size += size
                return
            else:
                effects = self._pass_on(port, route, frame, size, clock())
            if effects:
                perform(effects)
            elif unflushed:
                wake()

        return take

    def frame(self, port: MediaPort, frame: bytes, now: float) -> Sequence[Effect]:
        """Takes one binary frame of a sender."""
        route = port.routes.get(frame[:4])
        size = len(frame)
        if route is None and frame[:4] in port.extended:
            route = _with_extension(port.extended[frame[:4]], frame, size)
        if route is None or not HEADER_BYTES <= size <= self._frame_bytes or frame[19]:
            return self._unfamiliar(port, frame, now)
        return self._pass_on(port, route, frame, size, now)

    def _pass_on(
        self, port: MediaPort, route: Route, frame: bytes, size: int, now: float
    ) -> Sequence[Effect]:
        port.received += size
        sequence = route.sequence
        if sequence is not None:
            route.arrived_at = now
        if sequence is not None and not sequence.admit(frame):
            route.tally.drops["unusable"] += 1
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
        else:
            if route.voice is not None:
                route.passed += 1  # it sends, whether or not its packets say how loud it is
            route.tally.idle_frames += 1
            route.tally.idle_bytes += size
        if self._owed:
            return self._demands.settle(now)
        return _NOTHING

    def _acknowledged(
        self, port: MediaPort, received: int, clock_us: int, now: float
    ) -> Sequence[Effect]:
        port.queue.acknowledge(received, now, clock_us)
        return self._demands.settle(now) if self._owed else _NOTHING

    def _unfamiliar(self, port: MediaPort, frame: bytes, now: float) -> Sequence[Effect]:
        """Examines a frame whose first bytes are new here, or that is not in order."""
        if port.closed:
            return _NOTHING
        if len(frame) > self._frame_bytes:
            return self._refuse(
                port, CloseCode.TOO_LARGE, f"A frame of {len(frame)} bytes is too large.", now
            )
        try:
            header = parse(frame)
            if header.kind == FrameKind.ACK:
                return self._acknowledged(port, *parse_ack(frame), now)
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
        if header.flags & FLAG_EXTENSION:
            port.extended[frame[:4]] = route
        else:
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
                credit = queue.credit
                if now >= credit.mark_at:
                    credit.mark(queue.sent, now)
                decided.append((queue.socket, out[0] if len(out) == 1 else b"".join(out)))
                out.clear()
        return decided


def _with_extension(route: Route, frame: bytes, size: int) -> Route | None:
    """Checks that a frame's extension block fits, and hears how loud it is where that matters."""
    if size < _EXTENDED_BYTES or size < _EXTENDED_BYTES + (frame[20] << 8 | frame[21]):
        return None
    if route.voice is not None:
        route.voice.hear(frame)
    return route
