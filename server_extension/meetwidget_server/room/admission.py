"""Coming and going: join, resume, welcome, loss, grace, leave.

A newcomer is in the room from the moment of ``welcome``: until the log has been read for
them, the events that happen meanwhile are held, so that there is neither a hole nor a
repetition between history and live.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import (
    PROTOCOL_VERSION,
    MediaInfo,
    ParticipantJoined,
    ParticipantLeft,
    ParticipantUpdated,
    Resume,
    StreamRemoved,
    Welcome,
)

from .answers import dismiss, refuse
from .effects import Effects, Joined, Left, LoadHistory, Send
from .media import MediaPlane
from .members import Member, Roster
from .moderation import room_info, save
from .options import RoomOptions
from .permissions import may_enter_locked, role_on_arrival
from .rate import TokenBucket
from .records import Arrival, Connection, History, RoomRecord

NORMAL = 1000
GOING_AWAY = 1001


class Admission:
    """Who is in, from hello to left."""

    def __init__(
        self,
        record: RoomRecord,
        options: RoomOptions,
        roster: Roster,
        media: MediaPlane,
        new_id: Callable[[str], str],
    ) -> None:
        self._record = record
        self._options = options
        self._roster = roster
        self._media = media
        self._new_id = new_id

    # --------------------------------------------------------------- coming

    def join(self, connection: Connection, arrival: Arrival, now: float) -> Effects:
        """Somebody with a valid ticket is here."""
        resume = arrival.resume
        if resume is not None:
            member = self._roster.by_session(resume.session)
            if member is not None and (member.user.name, member.kind) == (
                arrival.user.name,
                arrival.kind,
            ):
                return self._resume(member, connection, arrival, resume)
        if self._record.locked and not may_enter_locked(self._record, arrival.user, arrival.kind):
            return self._turn_away(connection, "room-locked", "The room is locked.")
        if len(self._roster) >= self._options.participants:
            return self._turn_away(connection, "room-full", "The room is full.")
        member = Member(
            self._new_id("participant"),
            self._new_id("session"),
            arrival.user,
            arrival.kind,
            "member",
            int(now * 1000),
            TokenBucket(self._options.messages_per_second, self._options.messages_burst, now),
            connection,
            arrival.media.token,
            arrival.media.url,
        )
        self._roster.add(member)
        return [self._load(member, resume)]

    def _turn_away(self, connection: Connection, code: str, message: str) -> Effects:
        return refuse(connection, code, message) + dismiss(
            connection, CloseCode.NOT_ALLOWED, message
        )

    def _resume(
        self, member: Member, connection: Connection, arrival: Arrival, resume: Resume
    ) -> Effects:
        effects: Effects = []
        if member.connection is not None:
            effects += dismiss(
                member.connection, CloseCode.REPLACED, "This session continues elsewhere."
            )
        self._roster.connect(member, connection)
        member.phase = "resuming"
        member.away_until = None
        member.held.clear()
        member.bucket.forgive()
        member.user = arrival.user
        member.media_token = arrival.media.token
        member.media_url = arrival.media.url
        return [*effects, self._load(member, resume)]

    def _load(self, member: Member, resume: Resume | None) -> LoadHistory:
        if resume is None:
            return LoadHistory(member.connection, member.principal, None, None)
        return LoadHistory(member.connection, member.principal, resume.epoch, resume.offset)

    def welcome(self, connection: Connection, history: History, now: float) -> Effects:
        """The log was read: the newcomer is in."""
        member = self._roster.by_connection(connection)
        if member is None or member.phase == "in":
            return []
        effects: Effects = []
        new = member.phase == "joining"
        if new:
            effects += self._seat(member, now)
        member.phase = "in"
        was_away = member.state.away
        member.state = structs.replace(member.state, away=False)
        member.caught_up_to = history.offset
        effects.append(Joined(connection, member.id, member.session, member.media_token))
        effects.append(Send((connection,), self._welcome(member, history)))
        effects += [
            Send((connection,), event) for event in member.held if event.offset > history.offset
        ]
        member.held.clear()
        others = self._roster.listeners(but=member)
        if others and (new or was_away):
            news = ParticipantJoined if new else ParticipantUpdated
            effects.append(Send(others, news(member.wire())))
        if not new:
            effects += self._media.connected(member.id, True, now)
        return effects

    def _seat(self, member: Member, now: float) -> Effects:
        self._media.seat(member.id)
        member.joined_at = int(now * 1000)
        member.role = role_on_arrival(self._record, member.user, member.kind)
        if member.role == "owner" and self._record.roles.get(member.user.name) != "owner":
            self._record.roles[member.user.name] = "owner"
            return [save(self._record)]
        return []

    def _welcome(self, member: Member, history: History) -> Welcome:
        room = room_info(self._record)
        room.epoch = history.epoch
        room.offset = history.offset
        return Welcome(
            PROTOCOL_VERSION,
            member.session,
            member.wire(),
            room,
            [present.wire() for present in self._roster.present()],
            self._media.streams(),
            history.recovered,
            history.events,
            MediaInfo(member.media_token, member.media_url),
            self._options.limits(),
            [],
        )

    def welcome_without_history(self, connection: Connection, now: float) -> Effects:
        """The log cannot be read now: chat has no past, the meeting goes on."""
        nothing = History([], False, self._record.epoch, self._record.offset)
        member = self._roster.by_connection(connection)
        if member is not None and member.held:
            # Events that were kept meanwhile can be told, so the past ends before them.
            nothing = History([], False, self._record.epoch, member.held[0].offset - 1)
        effects = self.welcome(connection, nothing, now)
        if not effects:
            return []
        return effects + refuse(
            connection, "no-history", "Earlier messages cannot be read at the moment."
        )

    # ---------------------------------------------------------------- going

    def gone(self, connection: Connection, code: int, now: float) -> Effects:
        """A control connection is closed."""
        member = self._roster.by_connection(connection)
        if member is None:
            return []
        if member.phase == "joining":
            self._roster.remove(member)
            return []
        if code == NORMAL:
            return self.leave(member, "left", now)
        return self.lose(member, code, now)

    def lose(self, member: Member, code: int, now: float) -> Effects:
        """A member's connection is lost; they may resume for a while."""
        self._roster.disconnect(member)
        grace = self._options.grace_going_away if code == GOING_AWAY else self._options.grace
        member.away_until = now + grace
        member.phase = "in"
        member.held.clear()
        member.state = structs.replace(member.state, away=True)
        others = self._roster.listeners()
        effects: Effects = self._media.connected(member.id, False, now)
        if others:
            effects.insert(0, Send(others, ParticipantUpdated(member.wire())))
        return effects

    def leave(self, member: Member, reason: str, now: float) -> Effects:
        """A member is gone for good, with everything they published."""
        code = CloseCode.REMOVED if reason == "removed" else NORMAL
        streams = self._media.streams_of(member.id)
        self._roster.remove(member)
        effects: Effects = []
        others = self._roster.listeners()
        if others:
            effects += [Send(others, StreamRemoved(stream)) for stream in streams]
            effects.append(Send(others, ParticipantLeft(member.id, reason)))
        effects += self._media.unseat(member.id, code, "You left the room.", now)
        return [*effects, Left(member.id, member.session)]

    def tick(self, now: float) -> Effects:
        """Ends grace periods."""
        effects: Effects = []
        for member in self._roster:
            if member.away_until is not None and now >= member.away_until:
                effects += self.leave(member, "lost", now)
        return effects
