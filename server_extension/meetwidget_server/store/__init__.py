"""What lasts: the room logs and what a room remembers between meetings.

The relay's driver talks to a :class:`Store` through callbacks: nothing here blocks the
event loop, and answers arrive on the loop in the order of the calls, so that they can be
fed straight back into the sans-I/O rooms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from meetwidget.wire.control import LoggedEvent
from meetwidget_server.room import Draft, History, MessageFacts, RoomRecord, Stored


class NotKept(Exception):
    """The log could not be written or read: disk full, no permission, or closed."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a room's log as one reader may see it, oldest first."""

    epoch: str
    events: list[LoggedEvent]
    more: bool
    """Whether there are older ones."""


class Store(Protocol):
    """Keeps room logs.

    ``done`` callbacks run on the event loop, in the order of the calls, with the result
    or with :class:`NotKept`.
    """

    def open_room(self, name: str, done: Callable[[RoomRecord | NotKept], None]) -> None:
        """Reads a room's record, making the room (with a new epoch) if it is not there."""

    def save_room(self, record: RoomRecord, done: Callable[[NotKept | None], None]) -> None:
        """Keeps title, lock and roles."""

    def append(
        self, room: RoomRecord, draft: Draft, done: Callable[[Stored | NotKept], None]
    ) -> None:
        """Puts an event on disk at the next offset, or finds the one its cid made before."""

    def catch_up(
        self,
        room: str,
        reader: str,
        epoch: str | None,
        after: int | None,
        done: Callable[[History | NotKept], None],
    ) -> None:
        """Reads what a newcomer gets; see :class:`~meetwidget_server.room.LoadHistory`."""

    def facts(
        self, room: str, message: str, done: Callable[[MessageFacts | NotKept | None], None]
    ) -> None:
        """Finds what decides who may edit, delete, see or answer a message."""

    async def history(self, room: str, reader: str, before: int | None, limit: int) -> Page:
        """Reads a page of what the principal ``reader`` may see, ending before an offset.

        Raises:
            NotKept: the log cannot be read.
        """

    async def rooms(self) -> list[RoomRecord]:
        """Lists every room that has a log, by name.

        Raises:
            NotKept: the log cannot be read.
        """

    async def settle(self) -> None:
        """Returns when everything that was asked for before has been answered."""

    async def close(self) -> None:
        """Writes what is pending, then lets go of the file."""
