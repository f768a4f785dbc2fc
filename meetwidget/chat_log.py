"""Folds a room's log into what people read: messages with their edits and reactions, none deleted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from meetwidget.people import Someone
from meetwidget.wire.control import (
    ClearEvent,
    DeleteEvent,
    EditEvent,
    LoggedEvent,
    MessageEvent,
    ReactionEvent,
)

KEPT_EVENTS = 5000
"""Newest events held in memory; older ones are asked of the relay."""


@dataclass(frozen=True)
class Message:
    """A chat message."""

    id: str
    body: str
    """Markdown."""
    by: Someone
    at: datetime
    """When the relay kept it; UTC."""
    offset: int
    """Place in the room's log."""
    mine: bool = False
    """Whether this connection wrote it."""
    reply_to: str | None = None
    to: tuple[str, ...] | None = None
    """Participant ids of a private message; None for everyone."""
    data: dict[str, Any] | None = None
    """A MIME bundle."""
    edited: bool = False
    reactions: dict[str, tuple[Someone, ...]] = field(default_factory=dict)
    """Who put which emoji on it."""

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return f"{self.at.astimezone():%H:%M} {self.by}: {self.body}"

    def __repr__(self) -> str:
        return f"<{self}>"


@dataclass(frozen=True)
class Reaction:
    """An emoji, put on a message, taken off it, or just shown to all."""

    emoji: str
    by: Someone
    message: str | None = None
    """The message's id; None when it is not about a message."""
    on: bool = True


def message_of(entry: LoggedEvent, event: MessageEvent, mine: bool) -> Message:
    """Returns the message that an entry of the log is."""
    return Message(
        id=event.id,
        body=event.body,
        by=Someone.of(entry.by),
        at=datetime.fromtimestamp(entry.at / 1000, UTC),
        offset=entry.offset,
        mine=mine,
        reply_to=event.reply_to if isinstance(event.reply_to, str) else None,
        to=tuple(event.to) if isinstance(event.to, list) else None,
        data=event.data if isinstance(event.data, dict) else None,
    )


def fold(entries: Iterable[LoggedEvent], mine: frozenset[str] = frozenset()) -> list[Message]:
    """Returns the messages that the entries, oldest first, leave to be read.

    Args:
        entries: of the log, in order of offset.
        mine: participant ids that are us.
    """
    messages: dict[str, Message] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, MessageEvent):
            messages[event.id] = message_of(entry, event, entry.by.id in mine)
        elif isinstance(event, ClearEvent):
            messages.clear()
        elif event.id not in messages:
            continue  # about a message before the first entry
        elif isinstance(event, EditEvent):
            messages[event.id] = replace(messages[event.id], body=event.body, edited=True)
        elif isinstance(event, DeleteEvent):
            del messages[event.id]
        elif isinstance(event, ReactionEvent):
            messages[event.id] = _react(messages[event.id], event, Someone.of(entry.by))
    return list(messages.values())


def _react(message: Message, event: ReactionEvent, by: Someone) -> Message:
    others = tuple(who for who in message.reactions.get(event.emoji, ()) if who.name != by.name)
    people = (*others, by) if event.on else others
    reactions = {**message.reactions, event.emoji: people}
    return replace(message, reactions={emoji: who for emoji, who in reactions.items() if who})


class ChatLog:
    """The newest part of a room's log, without holes. Not thread-safe."""

    def __init__(self) -> None:
        self._epoch = ""
        self._entries: dict[int, LoggedEvent] = {}
        self._newest = 0

    @property
    def entries(self) -> list[LoggedEvent]:
        """Oldest first."""
        return list(self._entries.values())

    def welcome(
        self, epoch: str, offset: int, recovered: bool, entries: list[LoggedEvent]
    ) -> list[LoggedEvent]:
        """Takes over what a welcome brings; returns what is new since we were last connected."""
        first, same = not self._epoch, epoch == self._epoch
        missed = [e for e in entries if e.offset > self._newest] if same and not first else []
        if not (recovered and same):
            # The log may have a hole before these entries, or is another one: start afresh.
            self._entries.clear()
        self._epoch = epoch
        for entry in entries:
            self._entries[entry.offset] = entry
        self._newest = offset
        self._trim()
        return missed

    def add(self, entry: LoggedEvent) -> bool:
        """Takes over a live entry; False if it is known already."""
        if entry.offset <= self._newest:
            return False
        self._entries[entry.offset] = entry
        self._newest = entry.offset
        self._trim()
        return True

    def _trim(self) -> None:
        while len(self._entries) > KEPT_EVENTS:
            del self._entries[next(iter(self._entries))]
