"""What goes into a store and comes out of it, besides a room's own records."""

from __future__ import annotations

from dataclasses import dataclass, field

from meetwidget.wire.log import LoggedEvent
from meetwidget.wire.values import By, FileRef


class NotKept(Exception):
    """The log could not be written or read: disk full, no permission, or closed."""


@dataclass(frozen=True, slots=True)
class Page:
    """A stretch of a room's log as one reader may see it, oldest first."""

    epoch: str
    events: list[LoggedEvent]
    more: bool
    """Whether there are older ones."""
    newer: bool = False
    """Whether there are newer ones."""
    later: list[LoggedEvent] = field(default_factory=list)
    """Newer events about messages of this page, so that it reads as it does now; only of pages
    that do not end a walk back from the newest."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that a search has found."""

    id: str
    offset: int
    at: int
    """ms since 1970."""
    by: By
    snippet: str
    """Plain text around the first place."""
    marks: list[tuple[int, int]]
    """Start and length of what was found, in UTF-16 units of ``snippet``."""


@dataclass(frozen=True, slots=True)
class Hits:
    """What a search has found, newest first."""

    epoch: str
    hits: list[Hit]
    more: bool
    """Whether there are older ones."""


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How much of files is kept, bytes."""

    file_bytes: int = 0
    """Of one file; 0: none is kept."""
    room_bytes: int = 0
    """Of a room's files together."""
    total_bytes: int = 0
    """Of all files together."""


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that was just uploaded."""

    room: str
    owner: str
    """:func:`~meetwidget_server.room.principal` of who uploaded it."""
    at: int
    """ms since 1970."""
    ref: FileRef


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file that goes with a message."""

    ref: FileRef
    message: str
    by: By
    at: int
    """When the message was sent, ms since 1970."""


class FileRefused(Exception):
    """A file cannot be kept; the message is a sentence for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """``too-large``, ``room-full``, ``store-full`` or ``too-many``."""


@dataclass(frozen=True, slots=True)
class GuestLink:
    """A way into one room for people without an account."""

    id: str
    room: str
    digest: bytes
    """SHA-256 of the token; the token itself is never kept."""
    created_by: str
    """User name."""
    created_at: int
    """ms since 1970."""
    expires_at: int
    """ms since 1970."""
    revoked: bool = False
    uses: int = 0
