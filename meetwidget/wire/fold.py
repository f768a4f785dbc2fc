"""What a room's log means: the messages that its events leave to be read.

The relay's transcripts and the kernel's chat read logs with this module; ``chat-log.ts`` is the
same for browsers, and a property test holds the two together. The result depends on the *set* of
events only: after a resume they come twice, and who pages back gets a message after its edits.
So each field keeps the event with the greatest offset.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from meetwidget.wire.log import (
    ClearEvent,
    CloseEvent,
    DeleteEvent,
    EditEvent,
    LoggedEvent,
    MessageEvent,
    PinEvent,
    ReactionEvent,
    VoteEvent,
)
from meetwidget.wire.values import By


@dataclass(frozen=True, slots=True)
class Voice:
    """What somebody chose in a poll."""

    by: By
    options: tuple[int, ...]
    """Places of the options, from 0."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A message as it reads now."""

    offset: int
    at: int
    """ms since 1970."""
    by: By
    event: MessageEvent
    """As it was sent; of a deleted message only the id says anything."""
    body: str
    """Markdown, edits applied; empty when deleted."""
    edited_at: int | None
    """ms since 1970."""
    deleted: bool
    reactions: dict[str, tuple[By, ...]]
    """By emoji, both in the order in which they were put there."""
    votes: tuple[Voice, ...]
    """Of a poll: one for each voter, in the order in which they chose."""
    closed: bool
    """Of a poll: whether it has ended."""
    pinned: bool

    @property
    def id(self) -> str:
        """The message's id."""
        return self.event.id


def same_hand(by: By) -> str:
    """Returns the key by which reactions and votes count once: a user, from whichever device."""
    return f"{by.kind}:{by.user.name}"


@dataclass(slots=True)
class _Entry:
    """Everything known about one message id; ``said`` comes last when one pages back."""

    said: LoggedEvent | None = None
    edit: LoggedEvent | None = None
    deleted: bool = False
    closed: int | None = None
    pin: tuple[int, bool] = (0, False)
    reactions: dict[tuple[str, str], LoggedEvent] = field(default_factory=dict)
    votes: dict[int, LoggedEvent] = field(default_factory=dict)
    """By offset: which of them count is known only with the poll's end."""

    def take(self, entry: LoggedEvent) -> None:
        offset, event = entry.offset, entry.event
        match event:
            case MessageEvent():
                if self.said is None or offset >= self.said.offset:
                    self.said = entry
            case EditEvent():
                if self.edit is None or offset > self.edit.offset:
                    self.edit = entry
            case DeleteEvent():
                self.deleted = True
            case ReactionEvent():
                key = event.emoji, same_hand(entry.by)
                known = self.reactions.get(key)
                if known is None or offset > known.offset:
                    self.reactions[key] = entry
            case VoteEvent():
                self.votes[offset] = entry
            case CloseEvent():
                self.closed = offset if self.closed is None else min(self.closed, offset)
            case PinEvent():
                self.pin = max(self.pin, (offset, event.on))

    def read(self) -> Reading | None:
        if self.said is None:
            return None
        event = self.said.event
        assert isinstance(event, MessageEvent)
        body, edited_at = event.body, None
        if self.edit is not None:
            assert isinstance(self.edit.event, EditEvent)
            body, edited_at = self.edit.event.body, self.edit.at
        if self.deleted:
            body, edited_at = "", None
        return Reading(
            self.said.offset,
            self.said.at,
            self.said.by,
            event,
            body,
            edited_at,
            self.deleted,
            {} if self.deleted else self._reactions(),
            () if self.deleted else self._votes(),
            self.closed is not None and not self.deleted,
            self.pin[1] and not self.deleted,
        )

    def _reactions(self) -> dict[str, tuple[By, ...]]:
        shown: dict[str, tuple[By, ...]] = {}
        for entry in sorted(self.reactions.values(), key=lambda entry: entry.offset):
            assert isinstance(entry.event, ReactionEvent)
            if entry.event.on:
                emoji = entry.event.emoji
                shown[emoji] = (*shown.get(emoji, ()), entry.by)
        return shown

    def _votes(self) -> tuple[Voice, ...]:
        last: dict[str, LoggedEvent] = {}
        for offset in sorted(self.votes):
            if self.closed is None or offset < self.closed:
                entry = self.votes[offset]
                hand = same_hand(entry.by)
                last.pop(hand, None)  # the order is that of the last word
                last[hand] = entry
        voices = []
        for entry in last.values():
            assert isinstance(entry.event, VoteEvent)
            if entry.event.options:
                voices.append(Voice(entry.by, tuple(entry.event.options)))
        return tuple(voices)


class Fold:
    """Takes events in any order, and repeatedly; tells what there is to read."""

    def __init__(self, entries: Iterable[LoggedEvent] = ()) -> None:
        self._entries: dict[str, _Entry] = {}
        self._cleared = 0
        self.take(entries)

    def take(self, entries: Iterable[LoggedEvent]) -> None:
        """Takes events in."""
        for entry in entries:
            event = entry.event
            if isinstance(event, ClearEvent):
                self._cleared = max(self._cleared, entry.offset)
            else:
                self._entries.setdefault(event.id, _Entry()).take(entry)

    def message(self, id_: str) -> Reading | None:
        """Returns one message, a deleted one too; ``None``: unknown, or cleared away."""
        entry = self._entries.get(id_)
        reading = None if entry is None else entry.read()
        return None if reading is None or reading.offset <= self._cleared else reading

    def messages(self, *, deleted: bool = False) -> list[Reading]:
        """Returns the messages that are left, oldest first.

        Args:
            deleted: whether those that were deleted are among them, as marks without words.
        """
        readings = [reading for entry in self._entries.values() if (reading := entry.read())]
        left = [r for r in readings if r.offset > self._cleared and (deleted or not r.deleted)]
        return sorted(left, key=lambda reading: reading.offset)
