"""What goes in and out of a room besides wire messages: arrivals, log entries, what lasts.

Plain values, so that the driver and the store need to know nothing else of the room.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from msgspec import UNSET, UnsetType

from meetwidget.wire.control import (
    Access,
    By,
    Codecs,
    Kind,
    LogEvent,
    LoggedEvent,
    MediaInfo,
    Poll,
    Resume,
    Role,
    User,
)

Connection = Any
"""A control connection or media socket of the driver: hashable, compared by identity, never called."""

EVERYONE: None = None
"""Audience of a public log entry."""


def principal(kind: Kind, user: User) -> str:
    """Returns who acts, as one string: the key of authorship, audiences and idempotency.

    A kernel's token is usable by everyone with access to its server, so a kernel never
    counts as the person whose name it carries.
    """
    return f"{kind}:{user.name}"


@dataclass(slots=True)
class RoomRecord:
    """What of a room outlives its members; loaded by the driver, saved on :class:`SaveRoom`."""

    name: str
    epoch: str
    """Identity of the log; changes only when the log was lost."""
    offset: int = 0
    """Offset of the newest event, 0 for an empty log."""
    title: str = ""
    locked: bool = False
    roles: dict[str, Role] = field(default_factory=dict)
    """Roles of persons by user name; who is not named is a member."""
    access: Access = "open"
    invited: set[str] = field(default_factory=set)
    """Users who may come in whatever ``access`` says."""
    creator: str = ""
    """User who opened the room first; empty if nobody is known."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What the host's rules say about somebody; what the room itself decides comes on top.

    The default is that of a single Jupyter server: whoever is signed in is a member.
    """

    role: Role | None = None
    """At least this role; ``observer`` means: no more than that."""
    most: Role = "owner"
    """No more than this role, whatever the room's record says: ``member`` for a credential that
    others can read, such as one issued through another user's server."""
    may_own: bool = True
    """Whether they become the owner of a room that has none."""
    publish: bool = True
    guest_links: bool = False
    waits: bool = False
    """They wait to be let in even where the room is open."""
    passes: bool = False
    """They come in past waiting room, invitations and lock: the rules' own moderators."""


MEMBER = Standing()


@dataclass(frozen=True, slots=True)
class Arrival:
    """Somebody with a valid ticket opened a control connection and said ``hello``."""

    user: User
    kind: Kind
    media: MediaInfo
    """The driver's token (bound to this arrival's session by :class:`Joined`) and URL."""
    resume: Resume | None = None
    standing: Standing = MEMBER
    credential: str | None = field(default=None, repr=False)
    """By what the host knows them, so that it can be asked again; told to nobody."""
    decodes: Codecs | UnsetType = UNSET
    """What their client can decode in time, as its hello said."""

    @property
    def principal(self) -> str:
        """Who comes, for authorship, audiences and removal."""
        return principal(self.kind, self.user)


@dataclass(frozen=True, slots=True)
class History:
    """The log as one reader may see it."""

    events: list[LoggedEvent]
    """Oldest first, without ``cid``; private ones only if the reader is in their audience."""
    recovered: bool
    """Whether ``events`` are all since the offset that was asked for, in the same epoch."""
    epoch: str
    offset: int
    """The log's newest offset at the time of reading, whoever may see that event."""
    pinned: list[LoggedEvent] = field(default_factory=list)
    """Every event about a pinned message that is older than ``events``, oldest first; empty with
    ``recovered``."""


@dataclass(frozen=True, slots=True)
class Stored:
    """How the store answered an append: the new entry, or the one that ``cid`` made before."""

    offset: int
    at: int
    """ms since 1970."""
    event: LogEvent
    """As kept; on a resend the *first* one, whose id the sender gets again."""
    duplicate: bool = False
    """True when (room, author, cid) was there already: acknowledged again, told to nobody."""


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What the rules must know of an older message."""

    author: str
    """:func:`principal` of its author."""
    audience: frozenset[str] | None = EVERYONE
    """Principals who may see it; ``None`` is everyone."""
    deleted: bool = False
    """Also true of messages before a ``clear``."""
    poll: Poll | None = None
    """What it asks, if it is a poll."""
    closed: bool = False
    """Whether its poll has ended."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A log entry that is not durable yet."""

    event: LogEvent
    by: By
    author: str
    """:func:`principal` of ``by``; with ``cid`` the key of idempotency."""
    cid: str
    at: int
    """ms since 1970, stamped by the room."""
    audience: frozenset[str] | None = EVERYONE
