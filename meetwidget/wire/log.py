"""What a room's log keeps: the durable events, whose order the relay decides.

What a log *means* (which messages are there to be read, how a poll stands) is
:mod:`meetwidget.wire.fold`.
"""

from __future__ import annotations

from msgspec import UNSET, UnsetType

from meetwidget.wire.values import (
    By,
    Cid,
    FileRef,
    Id,
    Location,
    Mention,
    MimeBundle,
    Poll,
    User,
    Wire,
)


class MessageEvent(Wire, tag_field="kind", tag="message"):
    """A chat message."""

    id: Id
    body: str
    reply_to: Id | UnsetType = UNSET
    to: list[Id] | UnsetType = UNSET
    """Participants of a private message; ``readers`` says who they are, long after they left."""
    readers: list[User] | UnsetType = UNSET
    """Stamped by the relay: who besides the author may read a private message."""
    data: MimeBundle | UnsetType = UNSET
    poll: Poll | UnsetType = UNSET
    files: list[FileRef] | UnsetType = UNSET
    mentions: list[Mention] | UnsetType = UNSET
    location: Location | UnsetType = UNSET
    """The notebook and cell that the message points at, or from which its data come."""


class EditEvent(Wire, tag_field="kind", tag="edit"):
    """A message's new body."""

    id: Id
    body: str


class DeleteEvent(Wire, tag_field="kind", tag="delete"):
    """A message is gone; its body leaves the log too."""

    id: Id


class ReactionEvent(Wire, tag_field="kind", tag="reaction"):
    """Somebody put an emoji on a message, or took it off."""

    id: Id
    emoji: str
    on: bool


class VoteEvent(Wire, tag_field="kind", tag="vote"):
    """Somebody's choice in a poll; it takes the place of an earlier one, none at all withdraws it.

    Does not count when its offset is greater than that of the poll's ``close``.
    """

    id: Id
    options: list[int]
    """Places of the chosen options, from 0, in order, each once."""


class CloseEvent(Wire, tag_field="kind", tag="close"):
    """A poll has ended; its result stays."""

    id: Id


class PinEvent(Wire, tag_field="kind", tag="pin"):
    """A message is kept in everybody's sight, or no longer."""

    id: Id
    on: bool


class ClearEvent(Wire, tag_field="kind", tag="clear"):
    """A moderator cleared the chat: nothing before this offset is shown any more."""


LogEvent = (
    MessageEvent
    | EditEvent
    | DeleteEvent
    | ReactionEvent
    | VoteEvent
    | CloseEvent
    | PinEvent
    | ClearEvent
)


class LoggedEvent(Wire, omit_defaults=False, tag_field="type", tag="event"):
    """One durable entry of the room's log, as history and the live socket send it."""

    offset: int
    at: int
    """ms since 1970."""
    by: By
    event: LogEvent
    cid: Cid | UnsetType = UNSET
    """To the sender only."""
