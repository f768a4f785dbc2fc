"""What lasts: the room logs and what a room remembers between meetings.

The relay's driver talks to a :class:`Store` through callbacks: nothing here blocks the
event loop, and answers arrive on the loop in the order of the calls, so that they can be
fed straight back into the sans-I/O rooms.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

from meetwidget.wire.values import FileRef
from meetwidget_server.room import Draft, History, MessageFacts, RoomRecord, Stored
from meetwidget_server.store.values import (
    FileLimits,
    FileRefused,
    GuestLink,
    Hit,
    Hits,
    KeptFile,
    NewFile,
    NotKept,
    Page,
)

__all__ = [
    "FileLimits",
    "FileRefused",
    "GuestLink",
    "Hit",
    "Hits",
    "KeptFile",
    "NewFile",
    "NotKept",
    "Page",
    "Store",
]


class Store(Protocol):
    """Keeps room logs.

    ``done`` callbacks run on the event loop, in the order of the calls, with the result
    or with :class:`NotKept`.
    """

    def open_room(self, name: str, done: Callable[[RoomRecord | NotKept], None]) -> None:
        """Reads a room's record, making the room (with a new epoch) if it is not there."""

    def save_room(self, record: RoomRecord, done: Callable[[NotKept | None], None]) -> None:
        """Keeps title, lock, access, creator, roles and invitations."""

    async def find(self, name: str) -> RoomRecord | None:
        """Reads a room's record; ``None`` if there is no such room. Makes nothing.

        Raises:
            NotKept: the log cannot be read, so nobody knows whether the room exists.
        """

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

    def file_refs(
        self,
        room: str,
        owner: str,
        cid: str,
        ids: list[str],
        done: Callable[[list[FileRef] | NotKept | None], None],
    ) -> None:
        """Describes files that ``owner`` uploaded to a room, in the order asked for.

        ``None``: some are not there, somebody else's, or go with another message already than
        the one of ``owner``'s ``cid``.
        """

    async def history(self, room: str, reader: str, before: int | None, limit: int) -> Page:
        """Reads a page of what the principal ``reader`` may see, ending before an offset.

        Raises:
            NotKept: the log cannot be read.
        """

    async def passage(self, room: str, reader: str, after: int, limit: int) -> Page:
        """Reads a page of what ``reader`` may see, beginning after an offset.

        Raises:
            NotKept: the log cannot be read.
        """

    async def around(self, room: str, reader: str, message: str, limit: int) -> Page | None:
        """Reads a page with a message in its middle; ``None`` if ``reader`` sees no such message.

        Raises:
            NotKept: the log cannot be read.
        """

    async def about(self, room: str, reader: str, message: str) -> Page:
        """Reads every event about one message that ``reader`` may see.

        Raises:
            NotKept: the log cannot be read.
        """

    async def search(
        self, room: str, reader: str, query: str, before: int | None, limit: int
    ) -> Hits:
        """Finds messages of before an offset that ``reader`` may see, the newest first.

        Raises:
            NotKept: the log cannot be read.
        """

    # ------------------------------------------------------------------ files

    async def check_space(self, room: str, owner: str, size: int) -> None:
        """Returns if ``owner`` may upload a file of so many bytes to a room.

        Raises:
            FileRefused: the file is too large, or there is no space for it.
            NotKept: the log cannot be read.
        """

    def unfinished_file(self) -> Path:
        """Returns a new path where an upload can be written.

        Raises:
            OSError: its folder cannot be made.
        """

    async def add_file(self, new: NewFile, content: Path) -> None:
        """Keeps an uploaded file; ``content`` is moved, or removed if the file is not kept.

        Raises:
            FileRefused: there is no space for it.
            NotKept: it cannot be written.
        """

    async def file(self, room: str, reader: str, id_: str) -> tuple[FileRef, Path] | None:
        """Finds a file that ``reader`` may read, and where its content is.

        Raises:
            NotKept: the log cannot be read.
        """

    async def files(self, room: str, reader: str) -> list[KeptFile]:
        """Lists the files of messages that ``reader`` may read, oldest first.

        Raises:
            NotKept: the log cannot be read.
        """

    async def rooms(self) -> list[RoomRecord]:
        """Lists every room that has a log, by name.

        Raises:
            NotKept: the log cannot be read.
        """

    # ------------------------------------------------------------ guest links

    async def add_guest_link(self, link: GuestLink) -> None:
        """Keeps a new link; the room must be there.

        Raises:
            NotKept: the link cannot be written, so it will not work.
        """

    async def guest_links(self, room: str) -> list[GuestLink]:
        """Lists a room's links, oldest first, revoked and expired ones too.

        Raises:
            NotKept: the log cannot be read.
        """

    async def guest_link(self, digest: bytes) -> GuestLink | None:
        """Finds the link of a token by its SHA-256, whether it still holds or not.

        Raises:
            NotKept: the log cannot be read; let nobody in.
        """

    async def revoke_guest_link(self, room: str, id_: str) -> bool:
        """Ends a link; false if the room has no such link.

        Raises:
            NotKept: the link cannot be ended and still works.
        """

    async def count_use(self, id_: str) -> None:
        """Somebody came by this link.

        Raises:
            NotKept: the log cannot be written.
        """

    # -------------------------------------------------- forgetting, telling, copying

    async def prune(self, days: float) -> int:
        """Forgets events that are older than so many days; returns how many.

        Raises:
            NotKept: the log cannot be written.
        """

    async def erase_room(self, name: str) -> bool:
        """Forgets everything about a room; false if there is no such room.

        A meeting that goes on in it keeps nothing any more: see :meth:`.relay.Relay.erase_room`.

        Raises:
            NotKept: nothing was erased.
        """

    async def rooms_of_user(self, name: str) -> list[str]:
        """Lists the rooms that keep something of or about a user.

        Raises:
            NotKept: the log cannot be read.
        """

    async def erase_user(self, name: str) -> list[str]:
        """Forgets a user and their kernels; returns the rooms that changed.

        Those have a new epoch: see :meth:`.relay.Relay.erase_user` for meetings that go on.

        Raises:
            NotKept: nothing was erased.
        """

    async def export_user(self, name: str) -> dict[str, Any]:
        """Returns everything of and about a user, ready for JSON.

        Raises:
            NotKept: the log cannot be read.
        """

    async def file_of_user(self, name: str, id_: str) -> tuple[FileRef, Path] | None:
        """Finds a file that a user or their kernels have uploaded, wherever.

        Raises:
            NotKept: the log cannot be read.
        """

    async def back_up(self, path: Path) -> int:
        """Copies the log to a file while it is in use; returns the copy's size, bytes.

        Raises:
            BackupFailed: no usable copy was made, and an older one is still there.
        """

    def bytes_on_disk(self) -> int:
        """Returns the size of the log without files; 0 if it cannot be seen."""

    def file_bytes(self) -> int:
        """Returns the size of all files that are kept."""

    async def settle(self) -> None:
        """Returns when everything that was asked for before has been answered."""

    async def close(self) -> None:
        """Writes what is pending, then lets go of the file."""
