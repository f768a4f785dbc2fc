"""The SQLite store: one writer thread that commits whatever has piled up at once.

A commit with ``synchronous = FULL`` costs a disk flush; under load the messages of
many rooms share one (group commit), and alone a message waits for none but its own.
Offsets are given in this thread, so per room they are dense and in order. What a
newcomer gets is read in the same queue: it holds exactly the events answered before.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from meetwidget.wire.control import ClearEvent, DeleteEvent
from meetwidget_server.room import Draft, History, MessageFacts, RoomRecord, Stored
from meetwidget_server.store import (
    GuestLink,
    NotKept,
    Page,
    backup,
    erasure,
    export,
    links,
    log,
    rooms,
)
from meetwidget_server.store.schema import BUSY_MS, connect, connect_reader

T = TypeVar("T")

MAX_PENDING = 20_000
"""Requests that may wait for the disk; beyond, messages are not kept rather than
piled up in memory."""
MAX_BATCH = 2_000
"""Requests in one commit: bounds how long the first of them waits."""
DAY_S = 24 * 60 * 60
PRUNE_S = 60 * 60
"""How often events that are too old are looked for, seconds."""
PRUNED_EVENTS = 2_000
"""Events that are forgotten in one go: bounds how long an append waits for it."""
REOPEN_S = 1.0
"""How often a log that could not be opened is tried again, seconds."""
CATCH_UP_EVENTS = 1_000
"""Most events a resume gets; a longer absence starts over with the newest."""
TRUNCATE_S = 0.2
"""How often the write-ahead log is tried to be emptied while somebody reads it, seconds."""
NO_ROOM = ""
"""What a request writes that changes no single room's log."""
WELCOME_EVENTS = 200
"""Newest events a newcomer gets (PROTOCOL, `welcome`)."""


class _Request(NamedTuple):
    work: Callable[[sqlite3.Connection], Any]
    done: Callable[[Any], None]
    writes: str | None = None
    """The room whose log or record this changes, or :data:`NO_ROOM`."""
    erases: bool = False
    """Whether words are to leave the disk, the write-ahead log included."""


class SQLiteStore:
    """Room logs in one SQLite file."""

    def __init__(
        self,
        path: Path,
        *,
        kept: int,
        days: float = 0,
        loop: asyncio.AbstractEventLoop,
        logger: logging.Logger,
    ) -> None:
        """Starts the writer thread; the file is opened (or made) there.

        Args:
            path: the database file.
            kept: events kept per room, the newest.
            days: events older than this are forgotten, at the start and every hour; 0: none.
            loop: where answers are delivered.
            logger: is told, once per outage, that the log cannot be written.
        """
        self.path = path
        self._kept = kept
        self._days = days
        self._prune_at = time.monotonic() if days else math.inf
        """When to look for events that are too old, on the monotonic clock."""
        self._loop = loop
        self._logger = logger
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._closed = False
        self._failing = False
        self._words_left = False
        """Erased words may still be in the write-ahead log: somebody was reading it."""
        self._begun = threading.Event()
        """Set when opening (or making) the file has been tried."""
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="meetwidget-history")
        self._reader: sqlite3.Connection | None = None
        self._writer = threading.Thread(target=self._run, name="meetwidget-log", daemon=True)
        self._writer.start()

    def open_room(self, name: str, done: Callable[[RoomRecord | NotKept], None]) -> None:
        self._ask(lambda db: rooms.open_room(db, name), done)

    def save_room(self, record: RoomRecord, done: Callable[[NotKept | None], None]) -> None:
        self._ask(lambda db: rooms.save_room(db, record), done, record.name)

    async def find(self, name: str) -> RoomRecord | None:
        return await self._asked(lambda db: rooms.find(db, name))

    def append(
        self, room: RoomRecord, draft: Draft, done: Callable[[Stored | NotKept], None]
    ) -> None:
        name, epoch = room.name, room.epoch
        erases = isinstance(draft.event, DeleteEvent | ClearEvent)
        self._ask(lambda db: log.append(db, name, epoch, draft), done, name, erases)

    def catch_up(
        self,
        room: str,
        reader: str,
        epoch: str | None,
        after: int | None,
        done: Callable[[History | NotKept], None],
    ) -> None:
        def work(db: sqlite3.Connection) -> History:
            return log.catch_up(db, room, reader, epoch, after, CATCH_UP_EVENTS, WELCOME_EVENTS)

        self._ask(work, done)

    def facts(
        self, room: str, message: str, done: Callable[[MessageFacts | NotKept | None], None]
    ) -> None:
        self._ask(lambda db: log.facts(db, room, message), done)

    async def history(self, room: str, reader: str, before: int | None, limit: int) -> Page:
        return await self._read(lambda db: log.history(db, room, reader, before, limit))

    async def rooms(self) -> list[RoomRecord]:
        return await self._read(rooms.rooms)

    # ------------------------------------------------------------ guest links

    async def add_guest_link(self, link: GuestLink) -> None:
        await self._asked(lambda db: links.add(db, link), link.room)

    async def guest_links(self, room: str) -> list[GuestLink]:
        return await self._asked(lambda db: links.of_room(db, room))

    async def guest_link(self, digest: bytes) -> GuestLink | None:
        return await self._asked(lambda db: links.by_digest(db, digest))

    async def revoke_guest_link(self, room: str, id_: str) -> bool:
        return await self._asked(lambda db: links.revoke(db, room, id_), room)

    async def count_use(self, id_: str) -> None:
        await self._asked(lambda db: links.count_use(db, id_), NO_ROOM)

    # -------------------------------------------------- forgetting, telling, copying

    async def prune(self, days: float) -> int:
        gone = 0
        more = True
        while more:
            some = await self._asked(lambda db: self._prune_now(db, days), NO_ROOM, True)
            gone += some
            more = some > 0
        return gone

    async def erase_room(self, name: str) -> bool:
        return await self._asked(lambda db: erasure.erase_room(db, name), name, True)

    async def rooms_of_user(self, name: str) -> list[str]:
        return await self._read(lambda db: erasure.rooms_of_user(db, name))

    async def erase_user(self, name: str) -> list[str]:
        return await self._asked(lambda db: erasure.erase_user(db, name), NO_ROOM, True)

    async def export_user(self, name: str) -> dict[str, Any]:
        return await self._read(lambda db: export.export_user(db, name))

    async def back_up(self, path: Path) -> int:
        await self.settle()
        return await self._loop.run_in_executor(None, backup.back_up, self.path, path)

    def bytes_on_disk(self) -> int:
        size = 0
        for path in (self.path, self.path.with_name(self.path.name + "-wal")):
            with contextlib.suppress(OSError):
                size += path.stat().st_size
        return size

    async def settle(self) -> None:
        if not self._closed:
            answered: asyncio.Future[Any] = self._loop.create_future()
            self._ask(lambda db: None, answered.set_result)
            await answered

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._requests.put(None)
        await self._loop.run_in_executor(self._readers, self._close_reader)
        await self._loop.run_in_executor(self._readers, self._writer.join)
        self._readers.shutdown(wait=False)

    # ------------------------------------------------------------- the writer

    def _ask(
        self,
        work: Callable[[sqlite3.Connection], T],
        done: Callable[[T | NotKept], None],
        writes: str | None = None,
        erases: bool = False,
    ) -> None:
        if self._closed or self._requests.qsize() >= MAX_PENDING:
            why = "the log is closed" if self._closed else "the disk is too slow"
            self._loop.call_soon(done, NotKept(why))
        else:
            self._requests.put(_Request(work, done, writes, erases))

    async def _asked(
        self,
        work: Callable[[sqlite3.Connection], T],
        writes: str | None = None,
        erases: bool = False,
    ) -> T:
        """Asks in the queue, so that what was asked for before is seen.

        Raises:
            NotKept: the answer could not be had.
        """
        answered: asyncio.Future[T | NotKept] = self._loop.create_future()

        def done(answer: T | NotKept) -> None:
            if not answered.done():  # who asked may have gone
                answered.set_result(answer)

        self._ask(work, done, writes, erases)
        answer = await answered
        if isinstance(answer, NotKept):
            raise answer
        return answer

    def _run(self) -> None:
        db, why = self._open()
        self._begun.set()
        tried = time.monotonic()
        running = True
        while running:
            batch, running = self._gather()
            if self._words_left and db is not None:
                self._truncate(db)
            if time.monotonic() >= self._prune_at and running:
                self._prune(db)
            if not batch:
                continue
            if db is None and time.monotonic() - tried >= REOPEN_S:
                db, why = self._open()
                tried = time.monotonic()
            if db is None:
                self._deliver(batch, [NotKept(why)] * len(batch))
            else:
                self._deliver(batch, self._answer(db, batch))
        if db is not None:
            db.close()

    def _open(self) -> tuple[sqlite3.Connection | None, str]:
        try:
            return connect(self.path), ""
        except (sqlite3.Error, OSError) as error:
            return None, str(self._refusal(error))

    def _gather(self) -> tuple[list[_Request], bool]:
        """Waits for a request, takes what else is there, and tells whether to go on."""
        batch: list[_Request] = []
        wait = self._prune_at - time.monotonic()
        if self._words_left:
            wait = min(wait, TRUNCATE_S)
        try:
            request = self._requests.get(timeout=None if wait == math.inf else max(0.0, wait))
        except queue.Empty:
            return batch, True
        while request is not None:
            batch.append(request)
            if len(batch) == MAX_BATCH or self._requests.empty():
                return batch, True
            request = self._requests.get()
        return batch, False

    def _answer(self, db: sqlite3.Connection, batch: list[_Request]) -> list[Any]:
        try:
            answers = self._commit(db, batch)
        except Exception as error:  # whatever it was, nobody may be told "kept"
            if len(batch) == 1:
                return [self._refusal(error)]
            return self._answer_singly(db, batch)
        if any(request.writes for request in batch):
            self._failing = False
        return answers

    def _answer_singly(self, db: sqlite3.Connection, batch: list[_Request]) -> list[Any]:
        """Goes through a batch that failed: what can only be read, still can."""
        answers: list[Any] = []
        outage: NotKept | None = None
        for request in batch:
            if request.writes is not None and outage is not None:
                answers.append(outage)
                continue
            try:
                answers += self._commit(db, [request])
            except Exception as error:
                refusal = self._refusal(error)
                answers.append(refusal)
                if isinstance(error, sqlite3.OperationalError) and request.writes is not None:
                    outage = refusal
        return answers

    def _commit(self, db: sqlite3.Connection, batch: list[_Request]) -> list[Any]:
        """Runs a batch in one transaction: all of it is on disk afterwards, or nothing."""
        answers: list[Any] = []
        try:
            # What only reads must go on when nothing can be written.
            db.execute("BEGIN IMMEDIATE" if any(r.writes for r in batch) else "BEGIN")
            for request in batch:
                try:
                    answers.append(request.work(db))
                except NotKept as refusal:
                    answers.append(refusal)
            for room in {request.writes for request in batch if request.writes is not None}:
                log.trim(db, room, self._kept)
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        if any(request.erases for request in batch):
            self._truncate(db)
        return answers

    def _prune(self, db: sqlite3.Connection | None) -> None:
        """Forgets some of what is too old; what is left is done at the next turn."""
        gone = 0
        if db is not None:
            request = _Request(lambda db: self._prune_now(db, self._days), _nobody, NO_ROOM, True)
            (gone,) = self._answer(db, [request])
        done = not isinstance(gone, int) or gone == 0
        self._prune_at = time.monotonic() + (PRUNE_S if done else 0.0)

    @staticmethod
    def _prune_now(db: sqlite3.Connection, days: float) -> int:
        before = round((time.time() - days * DAY_S) * 1000)
        return erasure.prune(db, before, PRUNED_EVENTS)

    def _truncate(self, db: sqlite3.Connection) -> None:
        """Empties the write-ahead log, where erased words still stand."""
        self._words_left = True
        with contextlib.suppress(sqlite3.Error):  # tried again in a moment
            db.execute("PRAGMA busy_timeout = 0")  # nobody waits for a reader to finish
            (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._words_left = bool(busy)
        with contextlib.suppress(sqlite3.Error):
            db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def _refusal(self, why: Exception) -> NotKept:
        if not self._failing:
            self._failing = True
            self._logger.error(
                "meetwidget cannot keep chat messages in %s (%s). Meetings go on and senders are"
                " told. Free some disk space, or set MeetRelay.database to another file.",
                self.path,
                why,
            )
        return NotKept(str(why))

    def _deliver(self, batch: list[_Request], answers: list[Any]) -> None:
        try:
            self._loop.call_soon_threadsafe(_tell, batch, answers, self._logger)
        except RuntimeError:  # the loop is closed: nobody is left to be told
            self._logger.debug("meetwidget: %d answers of the log had no taker", len(batch))

    # ------------------------------------------------------------- the reader

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise NotKept("the log is closed")
        return await self._loop.run_in_executor(self._readers, self._read_now, work)

    def _read_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._reader is None:
                self._begun.wait()
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


def _nobody(_answer: Any) -> None:
    """Takes an answer that nobody waits for."""


def _tell(batch: list[_Request], answers: list[Any], logger: logging.Logger) -> None:
    for request, answer in zip(batch, answers, strict=True):
        try:
            request.done(answer)
        except Exception:  # one room's mistake must not keep the others from their answers
            logger.exception("meetwidget: an answer of the log could not be used")
