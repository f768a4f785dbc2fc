"""What a room asks its driver to do; carried out in the order of the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from meetwidget.wire.control import (
    ChatClose,
    ChatDelete,
    ChatEdit,
    ChatPin,
    ChatReact,
    ChatSend,
    ChatVote,
    LoggedEvent,
    RelayMessage,
)

from .records import Connection, Draft, RoomRecord

Referring = ChatSend | ChatEdit | ChatDelete | ChatReact | ChatVote | ChatClose | ChatPin
"""Chat messages that may speak of an older one."""


@dataclass(frozen=True, slots=True)
class Send:
    """Encode ``message`` once and send it to every connection of ``to``."""

    to: tuple[Connection, ...]
    message: RelayMessage | LoggedEvent


@dataclass(frozen=True, slots=True)
class Close:
    """Close a control connection or media socket after what was sent to it.

    The room has forgotten it already; a later ``gone``/``close_media`` for it is harmless.
    """

    target: Connection
    code: int
    reason: str


@dataclass(frozen=True, slots=True)
class LoadHistory:
    """Read the log for a newcomer, then call ``room.history_loaded(connection, …)``.

    With ``after`` (and ``epoch``): all since then if the epoch is the log's own and the
    driver's bound allows it (``recovered=True``), else the newest (``recovered=False``).
    Without: the newest, ``recovered=False``.
    """

    connection: Connection
    reader: str
    """Principal whose private messages are included."""
    epoch: str | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Append:
    """Make ``draft`` durable, then call ``room.appended(effect, …)`` or ``append_failed``."""

    draft: Draft
    participant: str
    """Whom the acknowledgement goes to, if still there."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """Find the facts of message ``id``, then call ``room.looked_up(effect, facts)``.

    Rare: the room remembers recent messages itself.
    """

    id: str
    participant: str
    message: Referring


@dataclass(frozen=True, slots=True)
class FindFiles:
    """Find the files that ``message`` names, then call ``room.files_found(effect, refs)``.

    Only files that ``owner`` has uploaded to this room and that go with no other message; what
    the message with ``owner``'s ``message.cid`` has already counts as free, so that it may be
    sent again.
    """

    owner: str
    """Principal of the sender."""
    participant: str
    message: ChatSend


@dataclass(frozen=True, slots=True)
class SaveRoom:
    """Keep this record (a copy; write it whole); losing it loses roles and lock only."""

    record: RoomRecord


@dataclass(frozen=True, slots=True)
class Joined:
    """A connection is in: ``session`` is its resume token, bound to ``media_token``.

    Sent before ``welcome``, also after a resume, where ``session`` and ``participant`` are
    the old ones and the media token is new.
    """

    connection: Connection
    participant: str
    session: str
    media_token: str


@dataclass(frozen=True, slots=True)
class Left:
    """A participant is gone for good: forget its media tokens and session."""

    participant: str
    session: str


Act = Literal[
    "joined",
    "resumed",
    "left",
    "refused",
    "waits",
    "admitted",
    "denied",
    "removed",
    "muted",
    "role",
    "cleared",
    "locked",
    "unlocked",
    "room-set",
]
"""What an operator may want to read later: participation, moderation, settings of a room."""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something for the operator's books (audit, metrics); nobody in the room is told of it."""

    act: Act
    by: str
    """Principal who acted: ``joined``, ``left``, ``refused`` and ``waits`` are acts of one's own."""
    target: str = ""
    """Principal on whom it was done."""
    detail: str = ""
    """Reason of ``left``, code of ``refused``, role given, or what of the room was set."""


Effect = Send | Close | LoadHistory | Append | Lookup | FindFiles | SaveRoom | Joined | Left | Noted
Effects = list[Effect]
