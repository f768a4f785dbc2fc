"""The driver: owns the rooms, and turns what happens on sockets into events for them.

Rooms decide and do no I/O; sockets move bytes and decide nothing; this module and
:mod:`.effect_runner` join the two on one event loop. Nothing here waits for a receiver: a
control message is encoded once for all of them, and media leaves once per loop turn.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import secrets
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial

from msgspec import UNSET, UnsetType

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    Codecs,
    FromClient,
    MediaInfo,
    Participant,
    Resume,
)
from meetwidget.wire.media import MediaKind
from meetwidget_server.clock import Clock
from meetwidget_server.config import MeetRelay
from meetwidget_server.effect_runner import EffectRunner, HostedRoom, Socket, encode_media
from meetwidget_server.farewell import spread_out
from meetwidget_server.operations.audit import Audit
from meetwidget_server.operations.counts import Counts
from meetwidget_server.room import (
    TICK_INTERVAL,
    Arrival,
    MediaPort,
    Room,
    RoomRecord,
    Standing,
    principal,
)
from meetwidget_server.socket import hub_of
from meetwidget_server.store import NotKept, Store
from meetwidget_server.tickets import Grant, Tickets

TICK_SLICES = 10
"""Into so many parts the rooms are divided, each ticked in its turn, when they are many."""
MANY_ROOMS = 20
STOP_GRACE_S = 2.0
"""How long a stopping server waits for its clients to answer the close, seconds."""


def _new_id(what: str) -> str:
    # 192 bits where knowing it is a right, 72 where it only names something.
    return secrets.token_urlsafe(24 if what == "session" else 9)


class Relay:
    """All rooms of this server."""

    def __init__(
        self,
        config: MeetRelay,
        store: Store,
        loop: asyncio.AbstractEventLoop,
        log: logging.Logger,
        audit: Audit | None = None,
    ) -> None:
        self.config = config
        self.store = store
        self.loop = loop
        self.log = log
        self.audit = audit or Audit()
        self.counts = Counts()
        self.now = Clock()
        self.tickets = Tickets(config.ticket_life, loop.time)
        self.control_options = config.control_options()
        self.media_options = config.media_options()
        self.stopping = False
        self._options = config.room_options()
        self._rooms: dict[str, HostedRoom] = {}
        self._numbers = itertools.count()
        self._slice = 0
        self._timer: asyncio.TimerHandle | None = None
        self._due = 0.0
        """When the timer is to run, on the loop's clock."""
        self._hub = hub_of(loop)
        self._runner = EffectRunner(store, self._hub, self.now, log, self.counts, self.audit)

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

    async def record(self, name: str) -> RoomRecord | None:
        """Returns what is known of a room, the newest there is; ``None``: there is no such room.

        Raises:
            NotKept: the log cannot be read, so nobody knows.
        """
        hosted = self._rooms.get(name)
        if hosted is not None and hosted.record is not None:
            return hosted.record
        return await self.store.find(name)

    # ----------------------------------------------------------------- control

    def join(
        self,
        socket: Socket,
        grant: Grant,
        resume: Resume | None,
        decodes: Codecs | UnsetType = UNSET,
    ) -> HostedRoom:
        """Lets the holder of ``grant`` into its room, which is opened if need be.

        ``decodes``: codec families their client can decode in time, as its hello said.
        """
        arrival = Arrival(
            grant.identity.user,
            grant.identity.kind,
            MediaInfo(secrets.token_urlsafe(24), grant.media_url),
            resume,
            grant.standing,
            grant.credential or "",
            decodes,
        )
        hosted = self._rooms.get(grant.room)
        if hosted is None:
            hosted = self._rooms[grant.room] = HostedRoom(grant.room, next(self._numbers))
            opening = hosted
            self.store.open_room(grant.room, lambda answer: self._opened(opening, answer))
        hosted.grants[socket] = grant
        if hosted.room is None:
            hosted.waiting.append((socket, arrival))
        else:
            self._runner.perform(hosted, hosted.room.join(socket, arrival, self.now()))
        return hosted

    def _opened(self, hosted: HostedRoom, answer: RoomRecord | NotKept) -> None:
        if isinstance(answer, NotKept):
            answer = RoomRecord(hosted.name, secrets.token_urlsafe(9), title=hosted.name)
        hosted.record = answer
        hosted.room = Room(answer, self._options, _new_id, encode_media, self.counts.media)
        waiting, hosted.waiting = hosted.waiting, []
        for socket, arrival in waiting:
            self._runner.perform(hosted, hosted.room.join(socket, arrival, self.now()))
        if self._timer is None:
            self._tick_after(TICK_INTERVAL)

    def message(self, hosted: HostedRoom, socket: Socket, message: FromClient) -> None:
        """A member said something."""
        self.counts.received[type(message)] += 1
        if hosted.room is not None:
            self._runner.perform(hosted, hosted.room.message(socket, message, self.now()))

    def unreadable(self, hosted: HostedRoom, socket: Socket, error: ValueError) -> None:
        """A member sent what is no message."""
        self.counts.unreadable += 1
        if hosted.room is not None:
            self._runner.perform(hosted, hosted.room.unreadable(socket, error, self.now()))

    def gone(self, hosted: HostedRoom, socket: Socket, code: int) -> None:
        """A member's control socket has closed."""
        hosted.grants.pop(socket, None)
        hosted.waiting = [one for one in hosted.waiting if one[0] is not socket]
        if hosted.room is not None:
            self._runner.perform(hosted, hosted.room.gone(socket, code, self.now()))
            self._drop_if_empty(hosted)

    # ---------------------------------------------------------------- standing

    def change_standing(
        self,
        hosted: HostedRoom,
        grant: Grant,
        standing: Standing | None,
        code: str = "",
        message: str = "",
    ) -> None:
        """Somebody's rights are others than when they came in, or (``None``) they have to leave.

        Args:
            hosted: the room.
            grant: by what they came in; concerns all connections with its identity and credential.
            standing: what the rules say now.
            code: the error somebody is told who has to leave.
            message: the same as a sentence.
        """
        if hosted.room is None:
            return
        who = principal(grant.identity.kind, grant.identity.user)
        effects = hosted.room.update_standing(
            who, standing, code, message, self.now(), credential=grant.credential or ""
        )
        known_by = (grant.identity.user.name, grant.identity.kind, grant.credential)
        for socket, other in list(hosted.grants.items()):
            if (other.identity.user.name, other.identity.kind, other.credential) != known_by:
                continue
            if standing is None:
                del hosted.grants[socket]
            else:
                hosted.grants[socket] = replace(other, standing=standing)
        self._runner.perform(hosted, effects)
        self._drop_if_empty(hosted)

    def send_home(self, name: str, code: str, message: str) -> None:
        """Puts everybody out of a room, those who wait included; they do not come back by themselves."""
        hosted = self._rooms.get(name)
        if hosted is None or hosted.room is None:
            return
        there = {principal(one.kind, one.user) for one in hosted.room.participants}
        there |= {
            principal(grant.identity.kind, grant.identity.user) for grant in hosted.grants.values()
        }
        for who in sorted(there):
            effects = hosted.room.update_standing(who, None, code, message, self.now())
            self._runner.perform(hosted, effects)
        self._drop_if_empty(hosted)

    def restart_room(self, name: str) -> None:
        """Has everybody in a room come back, to a room that is read anew: its log has changed."""
        hosted = self._rooms.get(name)
        if hosted is None or hosted.room is None:
            return
        del self._rooms[name]
        after_ms = round(self.config.restart_delay * 1000)
        self._runner.perform(hosted, hosted.room.shutdown(self.now(), after_ms))
        self._runner.forget(hosted)

    # ------------------------------------------------------------------- media

    def open_media(
        self, socket: Socket, token: str, kinds: Iterable[MediaKind]
    ) -> tuple[HostedRoom, MediaPort] | None:
        """Binds a media socket to the session of ``token``; ``None`` if there is none."""
        bound = self._runner.media_tokens.get(token)
        if bound is None or bound[0].room is None:
            return None
        hosted, session = bound
        port, effects = bound[0].room.open_media(session, socket, kinds, self.now())
        self._runner.perform(hosted, effects)
        return None if port is None else (hosted, port)

    def holder(self, token: str) -> tuple[str, Participant] | None:
        """Returns the room and the participant of a media token; ``None``: nobody who is in."""
        bound = self._runner.media_tokens.get(token)
        if bound is None or bound[0].room is None:
            return None
        hosted, session = bound
        participant = bound[0].room.participant_of(session)
        return None if participant is None else (hosted.name, participant)

    def frames_from(self, hosted: HostedRoom, port: MediaPort) -> Callable[[bytes], None]:
        """Returns what takes the frames of a media socket: the hot path, all bound once."""
        room = hosted.room
        assert room is not None
        perform = partial(self._runner.perform, hosted)
        wake = partial(self._runner.schedule_flush, hosted)
        return room.media_intake(port, self.now, perform, wake)

    def close_media(self, hosted: HostedRoom, port: MediaPort) -> None:
        """A media socket has closed."""
        if hosted.room is not None:
            self._runner.perform(hosted, hosted.room.close_media(port, self.now()))

    # -------------------------------------------------------------------- time

    def _tick(self) -> None:
        self.counts.loop_lag.observe(max(0.0, self.loop.time() - self._due))
        self.now.adjust()
        now = self.now()
        # Many rooms in one go would hold up everybody's media for milliseconds.
        slices = TICK_SLICES if len(self._rooms) > MANY_ROOMS else 1
        self._slice = (self._slice + 1) % slices
        for hosted in list(self._rooms.values()):
            if hosted.room is None or hosted.number % slices != self._slice:
                continue
            try:
                self._runner.perform_unhurried(hosted, hosted.room.tick(now))
            except Exception:
                self.log.exception("meetwidget: room %s could not be ticked", hosted.name)
            self._drop_if_empty(hosted)
        self._timer = None
        if self._rooms:
            self._tick_after(TICK_INTERVAL / slices)

    def _tick_after(self, seconds: float) -> None:
        self._due = self.loop.time() + seconds
        self._timer = self.loop.call_at(self._due, self._tick)

    def _drop_if_empty(self, hosted: HostedRoom) -> None:
        # Another meeting may have begun under the same name: see restart_room.
        if hosted.room is not None and hosted.room.empty and self._rooms.get(hosted.name) is hosted:
            del self._rooms[hosted.name]

    async def stop(self, *, spread: float = 0.0, grace: float = STOP_GRACE_S) -> None:
        """Says ``bye`` to everybody, waits for the log, and lets go of everything.

        Args:
            spread: seconds over which those who are in are asked to come back, each at a
                moment of their own.
            grace: seconds to wait for the clients to hang up.
        """
        self.stopping = True
        await self.store.settle()  # so that what is kept is also acknowledged
        for hosted in list(self._rooms.values()):
            if hosted.room is not None:
                after_ms = round(self.config.restart_delay * 1000)
                effects = hosted.room.shutdown(self.now(), after_ms)
                self._runner.perform(hosted, spread_out(effects, round(spread * 1000)))
        # Also those that are in no room yet.
        await self._hub.close_all(CloseCode.RESTARTING, "The relay restarts.", grace)
        if self._timer is not None:
            self._timer.cancel()
        await self.store.close()
