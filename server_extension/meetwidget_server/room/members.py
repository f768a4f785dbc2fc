"""Who is in the room: participants with their stamps, sessions and connections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from msgspec import UNSET, UnsetType

from meetwidget.wire.control import (
    By,
    Codecs,
    Kind,
    LoggedEvent,
    Participant,
    ParticipantState,
    Rights,
    Role,
    User,
)

from .permissions import rights_of
from .rate import TokenBucket
from .records import MEMBER, Connection, MessageFacts, Standing, principal

Phase = Literal["joining", "in", "resuming"]


@dataclass(slots=True, eq=False)
class Member:
    """One participant; outlives their connection by a grace period."""

    id: str
    session: str
    """The resume token: known to this client only."""
    user: User
    kind: Kind
    role: Role
    joined_at: int
    """ms since 1970."""
    bucket: TokenBucket
    connection: Connection | None
    media_token: str
    media_url: str
    standing: Standing = MEMBER
    credential: str | None = field(default=None, repr=False)
    phase: Phase = "joining"
    state: ParticipantState = field(default_factory=ParticipantState)
    away_until: float | None = None
    """When the grace period of a lost connection ends."""
    muted: bool = False
    """A moderator's mute is in force, until they turn the microphone on themselves."""
    held: list[LoggedEvent] = field(default_factory=list)
    """Events made while the history is being read."""
    caught_up_to: int = 0
    """Offset up to which ``welcome`` told everything."""
    told: Rights | None = None
    """The rights they were told last."""
    decodes: Codecs | UnsetType = UNSET
    """What their client can decode in time."""

    @property
    def principal(self) -> str:
        """Who acts, for authorship and audiences."""
        return principal(self.kind, self.user)

    @property
    def rights(self) -> Rights:
        """What they may do now."""
        return rights_of(self.role, self.standing)

    @property
    def listening(self) -> bool:
        """Whether room messages can be sent to them now."""
        return self.phase == "in" and self.connection is not None

    def stamp(self) -> By:
        """Returns the relay's word on who this is, for events."""
        return By(self.id, self.user, self.kind)

    def wire(self) -> Participant:
        """Returns what everyone is told of them."""
        return Participant(
            self.id, self.user, self.kind, self.role, self.state, self.joined_at, self.decodes
        )


class Roster:
    """All members, found by whatever an event names them with."""

    def __init__(self) -> None:
        self._by_id: dict[str, Member] = {}
        self._by_session: dict[str, Member] = {}
        self._by_connection: dict[Connection, Member] = {}

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Member]:
        return iter(list(self._by_id.values()))

    def add(self, member: Member) -> None:
        """A new member with a live connection."""
        self._by_id[member.id] = member
        self._by_session[member.session] = member
        self._by_connection[member.connection] = member

    def remove(self, member: Member) -> None:
        """The member is gone for good."""
        self.disconnect(member)
        del self._by_id[member.id]
        del self._by_session[member.session]

    def connect(self, member: Member, connection: Connection) -> None:
        """The member speaks through this connection now."""
        self.disconnect(member)
        member.connection = connection
        self._by_connection[connection] = member

    def disconnect(self, member: Member) -> None:
        """The member has no connection."""
        if member.connection is not None:
            del self._by_connection[member.connection]
            member.connection = None

    def by_id(self, participant: str) -> Member | None:
        """Finds a participant, those who are still joining excluded."""
        member = self._by_id.get(participant)
        return None if member is None or member.phase == "joining" else member

    def by_session(self, session: str) -> Member | None:
        """Finds a resumable member."""
        member = self._by_session.get(session)
        return None if member is None or member.phase == "joining" else member

    def by_connection(self, connection: Connection) -> Member | None:
        """Finds who speaks through a connection."""
        return self._by_connection.get(connection)

    def connection_of(self, participant: str) -> Connection | None:
        """Returns where to send a participant's messages now, if anywhere."""
        member = self._by_id.get(participant)
        return member.connection if member is not None and member.listening else None

    def present(self) -> list[Member]:
        """Everyone who is in, in order of arrival, those in a grace period included."""
        return [member for member in self._by_id.values() if member.phase != "joining"]

    def listeners(self, *, but: Member | None = None) -> tuple[Connection, ...]:
        """Returns the connections of everyone who is in, but of one."""
        return tuple(
            member.connection
            for member in self._by_id.values()
            if member is not but and member.listening
        )

    def moderators(self) -> tuple[Connection, ...]:
        """Returns the connections of everyone who is in and may moderate."""
        return tuple(m.connection for m in self if m.listening and m.rights.moderate)

    def audience(self, facts: MessageFacts) -> list[Member]:
        """Returns the members who may see a message, away ones and joining ones included."""
        return [
            member
            for member in self._by_id.values()
            if facts.audience is None or member.principal in facts.audience
        ]
