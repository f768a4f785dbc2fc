"""The SQLite store: one thread that writes (:mod:`.writer`), and one that reads beside it.

Offsets are given in the writer's thread, so per room they are dense and in order. What a
newcomer gets is read in the same queue: it holds exactly the events answered before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from meetwidget.wire.log import ClearEvent, DeleteEvent
from meetwidget.wire.values import FileRef
from meetwidget_server.room import Draft, History, MessageFacts, RoomRecord, Stored
from meetwidget_server.store import (
    FileLimits,
    FileRefused,
    GuestLink,
    Hits,
    KeptFile,
    NewFile,
    NotKept,
    Page,
    backup,
    erasure,
    export,
    files,
    links,
    log,
    pages,
    rooms,
    search,
)
from meetwidget_server.store.folder import Folder, folder_of
from meetwidget_server.store.housekeeping import prune_now
from meetwidget_server.store.schema import connect_reader
from meetwidget_server.store.writer import NO_ROOM, Writer

T = TypeVar("T")

CATCH_UP_EVENTS = 1_000
"""Most events a resume gets; a longer absence starts over with the newest."""
WELCOME_EVENTS = 200
"""Newest events a newcomer gets (PROTOCOL, `welcome`)."""


class SQLiteStore:
    """Room logs in one SQLite file."""

    def __init__(
        self,
        path: Path,
        *,
        kept: int,
        days: float = 0,
        files: FileLimits | None = None,
        loop: asyncio.AbstractEventLoop,
        logger: logging.Logger,
    ) -> None:
        """Starts the writer thread; the file is opened (or made) there.

        Args:
            path: the database file.
            kept: events kept per room, the newest.
            days: events older than this are forgotten, at the start and every hour; 0: none.
            files: how much of files is kept; by default none.
            loop: where answers are delivered.
            logger: is told, once per outage, that the log cannot be written.
        """
        self.path = path
        self._loop = loop
        self._file_limits = files or FileLimits()
        self._folder = Folder(folder_of(path))
        self._writer = Writer(path, self._folder, kept=kept, days=days, loop=loop, logger=logger)
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="meetwidget-history")
        self._reader: sqlite3.Connection | None = None

    def open_room(self, name: str, done: Callable[[RoomRecord | NotKept], None]) -> None:
        self._writer.ask(lambda db: rooms.open_room(db, name), done)

    def save_room(self, record: RoomRecord, done: Callable[[NotKept | None], None]) -> None:
        self._writer.ask(lambda db: rooms.save_room(db, record), done, record.name)

    async def find(self, name: str) -> RoomRecord | None:
        return await self._writer.asked(lambda db: rooms.find(db, name))

    def append(
        self, room: RoomRecord, draft: Draft, done: Callable[[Stored | NotKept], None]
    ) -> None:
        name, epoch = room.name, room.epoch
        erases = isinstance(draft.event, DeleteEvent | ClearEvent)
        self._writer.ask(lambda db: log.append(db, name, epoch, draft), done, name, erases)

    def catch_up(
        self,
        room: str,
        reader: str,
        epoch: str | None,
        after: int | None,
        done: Callable[[History | NotKept], None],
    ) -> None:
        def work(db: sqlite3.Connection) -> History:
            return pages.catch_up(db, room, reader, epoch, after, CATCH_UP_EVENTS, WELCOME_EVENTS)

        self._writer.ask(work, done)

    def facts(
        self, room: str, message: str, done: Callable[[MessageFacts | NotKept | None], None]
    ) -> None:
        self._writer.ask(lambda db: log.facts(db, room, message), done)

    async def history(self, room: str, reader: str, before: int | None, limit: int) -> Page:
        return await self._read(lambda db: pages.history(db, room, reader, before, limit))

    async def passage(self, room: str, reader: str, after: int, limit: int) -> Page:
        return await self._read(lambda db: pages.passage(db, room, reader, after, limit))

    async def around(self, room: str, reader: str, message: str, limit: int) -> Page | None:
        return await self._read(lambda db: pages.around(db, room, reader, message, limit))

    async def about(self, room: str, reader: str, message: str) -> Page:
        return await self._read(lambda db: pages.about(db, room, reader, message))

    async def search(
        self, room: str, reader: str, query: str, before: int | None, limit: int
    ) -> Hits:
        return await self._read(lambda db: search.search(db, room, reader, query, before, limit))

    async def rooms(self) -> list[RoomRecord]:
        return await self._read(rooms.rooms)

    # ------------------------------------------------------------------ files

    def file_refs(
        self,
        room: str,
        owner: str,
        cid: str,
        ids: list[str],
        done: Callable[[list[FileRef] | NotKept | None], None],
    ) -> None:
        self._writer.ask(lambda db: files.refs(db, room, owner, cid, ids), done)

    async def check_space(self, room: str, owner: str, size: int) -> None:
        await self._read(lambda db: files.check_space(db, room, owner, size, self._file_limits))

    def unfinished_file(self) -> Path:
        return self._folder.unfinished()

    async def add_file(self, new: NewFile, content: Path) -> None:
        def work(db: sqlite3.Connection) -> FileRefused | None:
            try:
                files.add(db, new, self._file_limits)
            except FileRefused as refusal:
                return refusal
            self._writer.keeping.weigh(db)
            return None

        run = self._loop.run_in_executor
        kept = False
        try:
            await run(None, self._folder.keep, new.ref.id, content)
            refusal = await self._writer.asked(work, new.room)
            kept = refusal is None
        except OSError as error:
            raise NotKept(str(error)) from error
        finally:
            if not kept:
                await run(None, self._folder.discard, new.ref.id, content)
        if refusal is not None:
            raise refusal

    async def file(self, room: str, reader: str, id_: str) -> tuple[FileRef, Path] | None:
        try:
            place = self._folder.content(id_)
        except ValueError:
            return None
        ref = await self._writer.asked(lambda db: files.find(db, room, reader, id_))
        return None if ref is None else (ref, place)

    async def files(self, room: str, reader: str) -> list[KeptFile]:
        return await self._read(lambda db: files.of_room(db, room, reader))

    # ------------------------------------------------------------ guest links

    async def add_guest_link(self, link: GuestLink) -> None:
        await self._writer.asked(lambda db: links.add(db, link), link.room)

    async def guest_links(self, room: str) -> list[GuestLink]:
        return await self._writer.asked(lambda db: links.of_room(db, room))

    async def guest_link(self, digest: bytes) -> GuestLink | None:
        return await self._writer.asked(lambda db: links.by_digest(db, digest))

    async def revoke_guest_link(self, room: str, id_: str) -> bool:
        return await self._writer.asked(lambda db: links.revoke(db, room, id_), room)

    async def count_use(self, id_: str) -> None:
        await self._writer.asked(lambda db: links.count_use(db, id_), NO_ROOM)

    # -------------------------------------------------- forgetting, telling, copying

    async def prune(self, days: float) -> int:
        gone = 0
        more = True
        while more:
            some = await self._writer.asked(lambda db: prune_now(db, days), NO_ROOM, True)
            gone += some
            more = some > 0
        return gone

    async def erase_room(self, name: str) -> bool:
        return await self._writer.asked(lambda db: erasure.erase_room(db, name), name, True)

    async def rooms_of_user(self, name: str) -> list[str]:
        return await self._read(lambda db: erasure.rooms_of_user(db, name))

    async def erase_user(self, name: str) -> list[str]:
        return await self._writer.asked(lambda db: erasure.erase_user(db, name), NO_ROOM, True)

    async def export_user(self, name: str) -> dict[str, Any]:
        return await self._read(lambda db: export.export_user(db, name))

    async def file_of_user(self, name: str, id_: str) -> tuple[FileRef, Path] | None:
        ref = await self._read(lambda db: files.of_user(db, name, id_))
        return None if ref is None else (ref, self._folder.content(id_))

    async def back_up(self, path: Path) -> int:
        await self.settle()
        return await self._loop.run_in_executor(None, backup.back_up, self.path, path)

    def bytes_on_disk(self) -> int:
        size = 0
        for path in (self.path, self.path.with_name(self.path.name + "-wal")):
            with contextlib.suppress(OSError):
                size += path.stat().st_size
        return size

    def file_bytes(self) -> int:
        return self._writer.keeping.file_bytes

    async def settle(self) -> None:
        if not self._writer.closed:
            answered: asyncio.Future[Any] = self._loop.create_future()
            self._writer.ask(lambda db: None, answered.set_result)
            await answered

    async def close(self) -> None:
        if self._writer.closed:
            return
        self._writer.close()
        await self._loop.run_in_executor(self._readers, self._close_reader)
        await self._loop.run_in_executor(self._readers, self._writer.join)
        self._readers.shutdown(wait=False)

    # ------------------------------------------------------------- the reader

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._writer.closed:
            raise NotKept("the log is closed")
        return await self._loop.run_in_executor(self._readers, self._read_now, work)

    def _read_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._reader is None:
                self._writer.begun.wait()
                self._reader = connect_reader(self.path)
            self._reader.execute("BEGIN")
            try:
                return work(self._reader)
            finally:
                self._reader.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._close_reader()
            raise NotKept(str(error)) from error

    def _close_reader(self) -> None:
        if self._reader is not None:
            self._reader.close()
            self._reader = None
