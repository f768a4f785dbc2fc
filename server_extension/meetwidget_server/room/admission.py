"""In and out, for those whom :mod:`.door` lets in: resume, welcome, loss, grace, leave.

A newcomer is in the room from the moment of ``welcome``: until the log has been read for
them, the events that happen meanwhile are held, so that there is neither a hole nor a
repetition between history and live.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import UNSET, structs

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
from .effects import Effects, Joined, Left, LoadHistory, Noted, Send
from .lobby import Newcomer
from .media import MediaPlane
from .members import Member, Roster
from .options import RoomOptions
from .permissions import becomes_owner
from .records import Arrival, Connection, History, RoomRecord
from .settings import room_info, save
from .standing import Standings

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
        standings: Standings,
        new_id: Callable[[str], str],
    ) -> None:
        self._record = record
        self._options = options
        self._roster = roster
        self._media = media
        self._standings = standings
        self._new_id = new_id
        self.been_in: set[str] = set()
        """Principals who were welcomed since the room is alive, guests excepted."""

    # --------------------------------------------------------------- coming

    def enter(self, newcomer: Newcomer) -> Effects:
        """Somebody is let in; they are in once their history has been read."""
        arrival = newcomer.arrival
        member = Member(
            newcomer.id,
            self._new_id("session"),
            arrival.user,
            arrival.kind,
            "member",
            newcomer.since,
            newcomer.bucket,
            newcomer.connection,
            arrival.media.token,
            arrival.media.url,
            arrival.standing,
            arrival.credential,
            decodes=arrival.decodes,
        )
        self._roster.add(member)
        return [self._load(member, arrival.resume)]

    def resume(self, connection: Connection, arrival: Arrival, now: float) -> Effects | None:
        """A member is back; ``None`` if nobody here has this session."""
        if arrival.resume is None:
            return None
        member = self._roster.by_session(arrival.resume.session)
        if member is None or member.principal != arrival.principal:
            return None
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
        member.standing = arrival.standing
        member.credential = arrival.credential
        member.decodes = arrival.decodes
        effects += self._standings.reassess(member, now)
        return [*effects, self._load(member, arrival.resume)]

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
        effects += self._standings.show_lobby(member)
        effects.append(Noted("joined" if new else "resumed", member.principal))
        if not new:
            effects += self._media.connected(member.id, True, now)
        return effects

    def _seat(self, member: Member, now: float) -> Effects:
        self._media.seat(member.id)
        member.joined_at = int(now * 1000)
        if member.kind != "guest":
            self.been_in.add(member.principal)
        claims = becomes_owner(self._record, member.kind, member.standing)
        if claims:
            self._record.roles[member.user.name] = "owner"
            self._record.creator = self._record.creator or member.user.name
        member.role = self._standings.role(member)
        return [save(self._record)] if claims else []

    def _welcome(self, member: Member, history: History) -> Welcome:
        member.told = member.rights
        room = room_info(self._record, invited=member.told.moderate)
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
            member.told,
            history.pinned if history.pinned else UNSET,
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
        effects.append(Left(member.id, member.session))
        return [*effects, Noted("left", member.principal, detail=reason)]

    def tick(self, now: float) -> Effects:
        """Ends grace periods."""
        effects: Effects = []
        for member in self._roster:
            if member.away_until is not None and now >= member.away_until:
                effects += self.leave(member, "lost", now)
        return effects
