"""What lasts: the room logs and what a room remembers between meetings.

The relay's driver talks to a :class:`Store` only through callbacks: nothing here
blocks the event loop, and answers arrive on the loop in the order of the calls, so
that per room they can be fed straight back into the sans-I/O core.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from meetwidget.wire.control import By, LogEvent, LoggedEvent, Role
from msgspec import Struct


class NotKept(Exception):
    """The log could not be written: disk full, file not writable, or closed."""


class RoomRecord(Struct, frozen=True):
    """What a room remembers while nobody is in it."""

    name: str
    epoch: str
    """Stays the same as long as the log does; a client's offset is only good with it."""
    offset: int
    """Of the newest event; 0 when nothing was ever said."""
    title: str
    locked: bool
    owner: str | None
    """User name of the first person who ever joined."""
    roles: dict[str, Role]
    """By user name; people who are not named are members."""


class Record(Struct, frozen=True):
    """An event on its way into the log."""

    room: str
    epoch: str
    cid: str
    at: int
    """ms since 1970."""
    by: By
    event: LogEvent
    audience: tuple[str, ...] | None = None
    """User names a private message is for; ``None``: everybody in the room."""


class Appended(Struct, frozen=True):
    """The log's answer: the event is on disk, now or since an earlier attempt."""

    offset: int
    at: int
    id: str | None
    """Of the message the event made or was about."""
    fresh: bool
    """False if this author's ``cid`` was in the log already: nothing was added."""


class Entry(Struct, frozen=True):
    """One event from the log with the user names it may be shown to."""

    logged: LoggedEvent
    audience: frozenset[str] | None = None

    def visible_to(self, user: str) -> bool:
        """Whether ``user`` (a user name) may read it."""
        return self.audience is None or user in self.audience


class Page(Struct, frozen=True):
    """A stretch of the log, oldest first."""

    epoch: str
    entries: list[Entry]
    more: bool
    """Whether the log goes on beyond this stretch (older for history, newer or trimmed
    for a catch-up)."""


class Message(Struct, frozen=True):
    """What decides who may edit, delete or react to a message."""

    id: str
    author: str
    kind: str
    audience: frozenset[str] | None
    deleted: bool


class Store(Protocol):
    """Keeps room logs.

    ``done`` callbacks run on the event loop, in the order of the calls, with the result
    or with :class:`NotKept`.
    """

    def open_room(self, name: str, done: Callable[[RoomRecord | NotKept], None]) -> None:
        """Reads a room's record, making the room if it is new."""

    def save_room(
        self,
        name: str,
        done: Callable[[None | NotKept], None],
        *,
        owner: str | None = None,
        locked: bool | None = None,
        title: str | None = None,
        roles: dict[str, Role] | None = None,
    ) -> None:
        """Changes what is given of a room's record; ``roles`` are merged in."""

    def append(self, record: Record, done: Callable[[Appended | NotKept], None]) -> None:
        """Puts an event on disk and gives it the next offset, or finds it there by cid."""

    def since(
        self, room: str, offset: int, limit: int, done: Callable[[Page | NotKept], None]
    ) -> None:
        """Reads the events after ``offset``; ``more`` if that would be a silent hole."""

    def newest(self, room: str, limit: int, done: Callable[[Page | NotKept], None]) -> None:
        """Reads the newest events."""

    def message(
        self, room: str, id_: str, done: Callable[[Message | None | NotKept], None]
    ) -> None:
        """Finds who wrote a message."""

    async def history(self, room: str, before: int | None, limit: int, user: str) -> Page:
        """Reads a page of what ``user`` may see, for REST.

        Raises:
            NotKept: the log cannot be read.
        """

    async def rooms(self) -> list[RoomRecord]:
        """Lists every room that has been made.

        Raises:
            NotKept: the log cannot be read.
        """

    async def close(self) -> None:
        """Writes what is pending, then lets go of the file."""
