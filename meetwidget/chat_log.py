"""The newest part of a room's log as this kernel holds it, and what it means.

What a log means is :mod:`meetwidget.wire.fold`; this module knows which part of it is held: a
stretch without holes up to now, and beside it the events about pinned messages that are older.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from meetwidget.messages import (
    Message as Message,
    Reaction as Reaction,
    message_of as message_of,
)
from meetwidget.wire.control import ClearEvent, LoggedEvent
from meetwidget.wire.fold import Fold, Reading

KEPT_EVENTS = 5000
"""Newest events held in memory; older ones are asked of the relay."""
TRIMMED_EVENTS = 500
"""So many more may come before the oldest are dropped: that means folding all others again."""


def fold(entries: Iterable[LoggedEvent], mine: frozenset[str] = frozenset()) -> list[Message]:
    """Returns the messages that the entries leave to be read, oldest first.

    Args:
        entries: of the log, in any order.
        mine: participant ids that are us.
    """
    return [message_of(reading, mine) for reading in Fold(entries).messages()]


class ChatLog:
    """The newest part of a room's log, without holes. Not thread-safe."""

    def __init__(self) -> None:
        self._epoch = ""
        self._entries: dict[int, LoggedEvent] = {}
        self._aside: dict[int, LoggedEvent] = {}
        self._newest = 0
        self._fold = Fold()

    @property
    def entries(self) -> list[LoggedEvent]:
        """The stretch without holes, oldest first."""
        return list(self._entries.values())

    def messages(self, *, deleted: bool = False) -> list[Reading]:
        """Returns the messages of the stretch without holes as they read now, oldest first."""
        oldest = next(iter(self._entries), 0)
        held = self._fold.messages(deleted=deleted)
        return [reading for reading in held if reading.offset >= oldest]

    def message(self, id_: str) -> Reading | None:
        """Returns one message, also a pinned one that is older, or a deleted one's mark."""
        return self._fold.message(id_)

    def pinned(self) -> list[Reading]:
        """Returns the pinned messages, oldest first, however old."""
        return [reading for reading in self._fold.messages() if reading.pinned]

    def welcome(
        self,
        epoch: str,
        offset: int,
        recovered: bool,
        entries: Sequence[LoggedEvent],
        pinned: Sequence[LoggedEvent] = (),
    ) -> list[LoggedEvent]:
        """Takes over what a welcome brings; returns what is new since we were last connected.

        Args:
            epoch: which log it is; another one starts afresh.
            offset: of the room's last event.
            recovered: whether ``entries`` begin where we left off.
            entries: oldest first, without holes.
            pinned: events about pinned messages older than ``entries``.
        """
        first, same = not self._epoch, epoch == self._epoch
        missed = [e for e in entries if e.offset > self._newest] if same and not first else []
        if not (recovered and same):
            # The log may have a hole before these entries, or is another one: start afresh.
            self._entries.clear()
            self._aside = {entry.offset: entry for entry in pinned}
            self._fold = Fold(pinned)
        self._epoch = epoch
        for entry in entries:
            self._entries[entry.offset] = entry
        self._fold.take(entries)
        self._newest = offset
        self._trim()
        return missed

    def add(self, entry: LoggedEvent) -> bool:
        """Takes over a live entry; False if it is known already."""
        if entry.offset <= self._newest:
            return False
        self._entries[entry.offset] = entry
        self._fold.take([entry])
        self._newest = entry.offset
        self._trim()
        return True

    def _trim(self) -> None:
        """Drops the oldest events when there are too many, save what is about pinned messages."""
        excess = len(self._entries) - KEPT_EVENTS
        if excess < TRIMMED_EVENTS:
            return
        pins = {reading.id for reading in self.pinned()}
        for offset in list(self._entries)[:excess]:
            entry = self._entries.pop(offset)
            if not isinstance(entry.event, ClearEvent) and entry.event.id in pins:
                self._aside[offset] = entry
        self._aside = {
            offset: entry
            for offset, entry in self._aside.items()
            if not isinstance(entry.event, ClearEvent) and entry.event.id in pins
        }
        self._fold = Fold([*self._aside.values(), *self._entries.values()])
