"""The SQLite store: one writer thread that commits whatever has piled up at once.

A commit with ``synchronous = FULL`` costs a disk flush; under load the messages of
many rooms share one (group commit), and alone a message waits for none but its own.
Offsets are given in this thread, so per room they are dense and in order.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from meetwidget.wire.control import Role

from meetwidget_server.store import (
    Appended,
    Message,
    NotKept,
    Page,
    Record,
    RoomRecord,
    log as sql,
)
from meetwidget_server.store.schema import connect, connect_reader

T = TypeVar("T")

MAX_PENDING = 20_000
"""Requests that may wait for the disk; beyond, messages are not kept rather than
piled up in memory."""
MAX_BATCH = 2_000
"""Requests in one commit: bounds how long the first of them waits."""
REOPEN_S = 1.0
"""How often opening a log that could not be opened is tried again, seconds."""

_logger = logging.getLogger(__name__)

_Request = tuple[Callable[[sqlite3.Connection], Any], Callable[[Any], None], str | None]


class SQLiteStore:
    """Room logs in one SQLite file."""

    def __init__(
        self,
        path: Path,
        *,
        kept: int,
        loop: asyncio.AbstractEventLoop,
        logger: logging.Logger = _logger,
    ) -> None:
        """Starts the writer thread; the file is opened (or made) there.

        Args:
            path: the database file.
            kept: events kept per room, the newest.
            loop: where answers are delivered.
            logger: says, once per outage, that the log cannot be written.
        """
        self.path = path
        self._kept = kept
        self._loop = loop
        self._log = logger
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._closed = False
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="meetwidget-log", daemon=True)
        self._thread.start()
        self._readers = ThreadPoolExecutor(1, thread_name_prefix="meetwidget-history")
        self._reader: sqlite3.Connection | None = None

    # ------------------------------------------------------- the store's calls

    def open_room(self, name: str, done: Callable[[RoomRecord | NotKept], None]) -> None:
        self._ask(lambda db: sql.open_room(db, name), done)

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
        self._ask(lambda db: sql.save_room(db, name, owner, locked, title, roles), done)

    def append(self, record: Record, done: Callable[[Appended | NotKept], None]) -> None:
        self._ask(lambda db: sql.append(db, record), done, record.room)

    def since(
        self, room: str, offset: int, limit: int, done: Callable[[Page | NotKept], None]
    ) -> None:
        self._ask(lambda db: sql.since(db, room, offset, limit), done)

    def newest(self, room: str, limit: int, done: Callable[[Page | NotKept], None]) -> None:
        self._ask(lambda db: sql.newest(db, room, limit), done)

    def message(
        self, room: str, id_: str, done: Callable[[Message | None | NotKept], None]
    ) -> None:
        self._ask(lambda db: sql.message(db, room, id_), done)

    async def history(self, room: str, before: int | None, limit: int, user: str) -> Page:
        return await self._read(lambda db: sql.history(db, room, before, limit, user))

    async def rooms(self) -> list[RoomRecord]:
        return await self._read(sql.rooms)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._requests.put(None)
        await self._loop.run_in_executor(self._readers, self._close_reader)
        await self._loop.run_in_executor(None, self._thread.join)
        self._readers.shutdown(wait=False)

    # ------------------------------------------------------------- the writer

    def _ask(
        self,
        work: Callable[[sqlite3.Connection], T],
        done: Callable[[T | NotKept], None],
        trims: str | None = None,
    ) -> None:
        if self._closed or self._requests.qsize() >= MAX_PENDING:
            refusal = NotKept("the log is closed" if self._closed else "the disk is too slow")
            self._loop.call_soon(done, refusal)
        else:
            self._requests.put((work, done, trims))

    def _run(self) -> None:
        db: sqlite3.Connection | None = None
        tried = -REOPEN_S
        why: Exception = NotKept("the log is not open")
        running = True
        while running:
            batch: list[_Request] = []
            request = self._requests.get()
            while request is not None:
                batch.append(request)
                if len(batch) == MAX_BATCH:
                    break
                try:
                    request = self._requests.get_nowait()
                except queue.Empty:
                    break
            running = request is not None
            if not batch:
                continue
            if db is None and time.monotonic() - tried >= REOPEN_S:
                tried = time.monotonic()
                try:
                    db = connect(self.path)
                except (sqlite3.Error, OSError) as error:
                    why = error
            if db is None:
                answers: list[Any] = self._refuse(batch, why)
            else:
                answers = self._commit(db, batch)
            self._deliver(batch, answers)
        if db is not None:
            db.close()

    def _commit(self, db: sqlite3.Connection, batch: list[_Request]) -> list[Any]:
        """Runs a batch in one transaction: all of it is on disk afterwards, or nothing."""
        answers: list[Any] = []
        try:
            db.execute("BEGIN IMMEDIATE")
            for work, _, _ in batch:
                try:
                    answers.append(work(db))
                except NotKept as refusal:
                    answers.append(refusal)
            for room in {trims for _, _, trims in batch if trims is not None}:
                sql.trim(db, room, self._kept)
            db.execute("COMMIT")
        except Exception as error:  # whatever it was, nobody may be told "kept"
            if db.in_transaction:
                db.execute("ROLLBACK")
            return self._refuse(batch, error)
        self._failing = False
        return answers

    def _refuse(self, batch: list[_Request], why: Exception) -> list[Any]:
        if not self._failing:
            self._failing = True
            self._log.error(
                "meetwidget cannot keep chat messages in %s (%s). Meetings go on; senders are"
                " told. Free some disk space or set MeetWidget.database to another file.",
                self.path,
                why,
            )
        refusal = NotKept(str(why))
        return [refusal] * len(batch)

    def _deliver(self, batch: list[_Request], answers: list[Any]) -> None:
        try:
            self._loop.call_soon_threadsafe(_answer, batch, answers, self._log)
        except RuntimeError:
            # The loop has gone: nobody is left to be told.
            self._log.debug("meetwidget: %d answers of the log had no taker", len(batch))

    # ------------------------------------------------------------- the reader

    async def _read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        if self._closed:
            raise NotKept("the log is closed")
        return await self._loop.run_in_executor(self._readers, self._read_now, work)

    def _read_now(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._reader is None:
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


def _answer(batch: list[_Request], answers: list[Any], logger: logging.Logger) -> None:
    for (_, done, _), answer in zip(batch, answers, strict=True):
        try:
            done(answer)
        except Exception:
            # One room's mistake must not keep the other rooms from their answers.
            logger.exception("meetwidget: an answer of the log could not be used")
