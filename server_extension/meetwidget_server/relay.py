"""The driver: owns the rooms, carries out what they ask for, and turns sockets into events.

Rooms decide and do no I/O; sockets move bytes and decide nothing; this module joins the
two on one event loop. Nothing here waits for a receiver: a control message is encoded once
for all of them, and media leaves once per loop turn.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    Bye,
    FromClient,
    LoggedEvent,
    MediaInfo,
    RelayMessage,
    Resume,
    encode,
)
from meetwidget.wire.media import MediaKind
from meetwidget_server.clock import Clock
from meetwidget_server.config import MeetRelay
from meetwidget_server.room import (
    TICK_INTERVAL,
    Append,
    Arrival,
    Close,
    Effect,
    History,
    Joined,
    Left,
    LoadHistory,
    Lookup,
    MediaPort,
    MessageFacts,
    Room,
    RoomRecord,
    SaveRoom,
    Send,
    Stored,
)
from meetwidget_server.socket import binary_frame, binary_frames, hub_of, text_frame
from meetwidget_server.store import NotKept, Store
from meetwidget_server.tickets import Grant, Tickets

STOP_GRACE_S = 2.0
"""How long a stopping server waits for its clients to answer the close, seconds."""


class Socket(Protocol):
    """What the relay asks of a connection."""

    def send(self, frame: bytes) -> None:
        """Queues a whole frame; never blocks."""

    def close(self, code: int, reason: str) -> None:
        """Closes after what was sent."""


def say(socket: Socket, message: RelayMessage | LoggedEvent) -> None:
    """Sends one control message to one socket."""
    socket.send(text_frame(encode(message)))


def bye(socket: Socket, code: int, reason: str, *, reconnect: bool = False) -> None:
    """Says why, then closes."""
    say(socket, Bye(code, reason, reconnect))
    socket.close(code, reason)


def _encode_media(frames: Sequence[bytes]) -> bytes:
    return binary_frame(frames[0]) if len(frames) == 1 else binary_frames(frames)


def _new_id(what: str) -> str:
    # 128 bits where knowing it is a right, 72 where it only names something.
    return secrets.token_urlsafe(24 if what == "session" else 9)


@dataclass(slots=True, eq=False)
class HostedRoom:
    """A room on this relay, or one whose record is still being read."""

    name: str
    room: Room | None = None
    record: RoomRecord | None = None
    waiting: list[tuple[Socket, Arrival]] = field(default_factory=list)
    """Who came while the record was being read."""
    dirty: bool = False
    """Whether a flush of media is scheduled."""


class Relay:
    """All rooms of this server."""

    def __init__(
        self,
        config: MeetRelay,
        store: Store,
        loop: asyncio.AbstractEventLoop,
        log: logging.Logger,
    ) -> None:
        self.config = config
        self.store = store
        self.loop = loop
        self.log = log
        self.now = Clock()
        self.tickets = Tickets(config.ticket_life, loop.time)
        self.control_options = config.control_options()
        self.media_options = config.media_options()
        self.stopping = False
        self._options = config.room_options()
        self._rooms: dict[str, HostedRoom] = {}
        self._media: dict[str, tuple[HostedRoom, str]] = {}
        """Media token → room and session."""
        self._tokens: dict[str, str] = {}
        """Session → its newest media token; a resume voids the one before."""
        self._dirty: list[HostedRoom] = []
        self._timer: asyncio.TimerHandle | None = None
        self._hub = hub_of(loop)

    # ------------------------------------------------------------------ asking

    @property
    def busy(self) -> bool:
        """Whether anybody is in a room."""
        return any(hosted.room is not None and hosted.room.participants for hosted in self.live())

    def live(self) -> Iterable[HostedRoom]:
        """The rooms that are open, in no order."""
        return self._rooms.values()

    def room(self, name: str) -> Room | None:
        """Returns an open room."""
        hosted = self._rooms.get(name)
        return None if hosted is None else hosted.room

    # ----------------------------------------------------------------- control

    def join(self, socket: Socket, grant: Grant, resume: Resume | None) -> HostedRoom:
        """Lets the holder of ``grant`` into its room, which is opened if need be."""
        arrival = Arrival(
            grant.identity.user,
            grant.identity.kind,
            MediaInfo(secrets.token_urlsafe(24), grant.media_url),
            resume,
        )
        hosted = self._rooms.get(grant.room)
        if hosted is None:
            hosted = self._rooms[grant.room] = HostedRoom(grant.room)
            opening = hosted
            self.store.open_room(grant.room, lambda answer: self._opened(opening, answer))
        if hosted.room is None:
            hosted.waiting.append((socket, arrival))
        else:
            self._perform(hosted, hosted.room.join(socket, arrival, self.now()))
        return hosted

    def _opened(self, hosted: HostedRoom, answer: RoomRecord | NotKept) -> None:
        if isinstance(answer, NotKept):
            answer = RoomRecord(hosted.name, secrets.token_urlsafe(9), title=hosted.name)
        hosted.record = answer
        hosted.room = Room(answer, self._options, _new_id, _encode_media)
        waiting, hosted.waiting = hosted.waiting, []
        for socket, arrival in waiting:
            self._perform(hosted, hosted.room.join(socket, arrival, self.now()))
        if self._timer is None:
            self._timer = self.loop.call_later(TICK_INTERVAL, self._tick)

    def message(self, hosted: HostedRoom, socket: Socket, message: FromClient) -> None:
        """A member said something."""
        if hosted.room is not None:
            self._perform(hosted, hosted.room.message(socket, message, self.now()))

    def unreadable(self, hosted: HostedRoom, socket: Socket, error: ValueError) -> None:
        """A member sent what is no message."""
        if hosted.room is not None:
            self._perform(hosted, hosted.room.unreadable(socket, error, self.now()))

    def gone(self, hosted: HostedRoom, socket: Socket, code: int) -> None:
        """A member's control socket has closed."""
        hosted.waiting = [one for one in hosted.waiting if one[0] is not socket]
        if hosted.room is not None:
            self._perform(hosted, hosted.room.gone(socket, code, self.now()))
            self._drop_if_empty(hosted)

    # ------------------------------------------------------------------- media

    def open_media(
        self, socket: Socket, token: str, kinds: Iterable[MediaKind]
    ) -> tuple[HostedRoom, MediaPort] | None:
        """Binds a media socket to the session of ``token``; ``None`` if there is none."""
        bound = self._media.get(token)
        if bound is None or bound[0].room is None:
            return None
        hosted, session = bound
        port, effects = bound[0].room.open_media(session, socket, kinds, self.now())
        self._perform(hosted, effects)
        return None if port is None else (hosted, port)

    def frames_from(self, hosted: HostedRoom, port: MediaPort) -> Callable[[bytes], None]:
        """Returns what takes the frames of a media socket: the hot path, all bound once."""
        room = hosted.room
        assert room is not None
        media_frame, unflushed, now = room.media_frame, room.unflushed, self.now

        def take(frame: bytes) -> None:
            effects = media_frame(port, frame, now())
            if effects:
                self._perform(hosted, effects)
            elif unflushed and not hosted.dirty:
                self._schedule_flush(hosted)

        return take

    def close_media(self, hosted: HostedRoom, port: MediaPort) -> None:
        """A media socket has closed."""
        if hosted.room is not None:
            self._perform(hosted, hosted.room.close_media(port, self.now()))

    def _schedule_flush(self, hosted: HostedRoom) -> None:
        hosted.dirty = True
        if not self._dirty:
            self._hub.at_turn_end(self._flush)
        self._dirty.append(hosted)

    def _flush(self) -> None:
        dirty, self._dirty = self._dirty, []
        now = self.now()
        for hosted in dirty:
            hosted.dirty = False
            if hosted.room is None:
                continue
            try:
                decided = hosted.room.flush(now)
            except Exception:  # one room's mistake must not silence the others
                self.log.exception("meetwidget: room %s could not be flushed", hosted.name)
                continue
            for socket, data in decided:
                try:
                    socket.send(data)
                except Exception:  # nor one broken socket
                    self.log.exception("meetwidget: media could not be sent")

    # ----------------------------------------------------------------- effects

    def _perform(self, hosted: HostedRoom, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self._carry_out[type(effect)](self, hosted, effect)
        if hosted.room is not None and hosted.room.unflushed and not hosted.dirty:
            self._schedule_flush(hosted)

    def _send(self, _hosted: HostedRoom, effect: Send) -> None:
        frame = text_frame(encode(effect.message))
        for socket in effect.to:
            try:
                socket.send(frame)
            except Exception:  # one broken socket must not silence the others
                self.log.exception("meetwidget: a control message could not be sent")

    def _close(self, _hosted: HostedRoom, effect: Close) -> None:
        effect.target.close(effect.code, effect.reason)

    def _load_history(self, hosted: HostedRoom, effect: LoadHistory) -> None:
        def done(answer: History | NotKept) -> None:
            room = hosted.room
            assert room is not None
            if isinstance(answer, NotKept):
                self._perform(hosted, room.history_failed(effect.connection, self.now()))
            else:
                self._perform(hosted, room.history_loaded(effect.connection, answer, self.now()))

        self.store.catch_up(hosted.name, effect.reader, effect.epoch, effect.after, done)

    def _append(self, hosted: HostedRoom, effect: Append) -> None:
        def done(answer: Stored | NotKept) -> None:
            room = hosted.room
            assert room is not None
            if isinstance(answer, NotKept):
                self._perform(hosted, room.append_failed(effect, self.now()))
            else:
                self._perform(hosted, room.appended(effect, answer, self.now()))

        assert hosted.record is not None
        self.store.append(hosted.record, effect.draft, done)

    def _look_up(self, hosted: HostedRoom, effect: Lookup) -> None:
        def done(answer: MessageFacts | NotKept | None) -> None:
            room = hosted.room
            assert room is not None
            facts = None if isinstance(answer, NotKept) else answer
            self._perform(hosted, room.looked_up(effect, facts, self.now()))

        self.store.facts(hosted.name, effect.id, done)

    def _save_room(self, _hosted: HostedRoom, effect: SaveRoom) -> None:
        self.store.save_room(effect.record, lambda _: None)

    def _joined(self, hosted: HostedRoom, effect: Joined) -> None:
        self._forget_media_token(effect.session)
        self._media[effect.media_token] = (hosted, effect.session)
        self._tokens[effect.session] = effect.media_token

    def _left(self, _hosted: HostedRoom, effect: Left) -> None:
        self._forget_media_token(effect.session)

    def _forget_media_token(self, session: str) -> None:
        token = self._tokens.pop(session, None)
        if token is not None:
            del self._media[token]

    _carry_out: dict[type, Callable[..., None]] = {  # noqa: RUF012 - a constant table
        Send: _send,
        Close: _close,
        LoadHistory: _load_history,
        Append: _append,
        Lookup: _look_up,
        SaveRoom: _save_room,
        Joined: _joined,
        Left: _left,
    }

    # -------------------------------------------------------------------- time

    def _tick(self) -> None:
        self.now.adjust()
        now = self.now()
        for hosted in list(self._rooms.values()):
            if hosted.room is None:
                continue
            try:
                self._perform(hosted, hosted.room.tick(now))
            except Exception:
                self.log.exception("meetwidget: room %s could not be ticked", hosted.name)
            self._drop_if_empty(hosted)
        self._timer = self.loop.call_later(TICK_INTERVAL, self._tick) if self._rooms else None

    def _drop_if_empty(self, hosted: HostedRoom) -> None:
        if hosted.room is not None and hosted.room.empty:
            self._rooms.pop(hosted.name, None)

    async def stop(self) -> None:
        """Says ``bye`` to everybody, waits for the log, and lets go of everything."""
        self.stopping = True
        await self.store.settle()  # so that what is kept is also acknowledged
        for hosted in list(self._rooms.values()):
            if hosted.room is not None:
                after_ms = round(self.config.restart_delay * 1000)
                self._perform(hosted, hosted.room.shutdown(self.now(), after_ms))
        # Also those that are in no room yet.
        await self._hub.close_all(CloseCode.RESTARTING, "The relay restarts.", STOP_GRACE_S)
        if self._timer is not None:
            self._timer.cancel()
        await self.store.close()
