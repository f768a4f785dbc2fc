"""The log's writer: one thread that commits whatever has piled up at once.

A commit with ``synchronous = FULL`` costs a disk flush; under load the messages of
many rooms share one (group commit), and alone a message waits for none but its own.
Between commits the same thread does what nobody waits for, see :mod:`.housekeeping`.
"""

from __future__ import annotations

import asyncio
import logging
import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from meetwidget_server.store import NotKept, log
from meetwidget_server.store.folder import Folder
from meetwidget_server.store.housekeeping import Housekeeping
from meetwidget_server.store.schema import connect

T = TypeVar("T")

MAX_PENDING = 20_000
"""Requests that may wait for the disk; beyond, messages are not kept rather than
piled up in memory."""
MAX_BATCH = 2_000
"""Requests in one commit: bounds how long the first of them waits."""
PRUNE_S = 60 * 60
"""How often events that are too old are looked for, seconds."""
REOPEN_S = 1.0
"""How often a log that could not be opened is tried again, seconds."""
TRUNCATE_S = 0.2
"""How often the write-ahead log is tried to be emptied while somebody reads it, seconds."""
NO_ROOM = ""
"""What a request writes that changes no single room's log."""


class _Request(NamedTuple):
    work: Callable[[sqlite3.Connection], Any]
    done: Callable[[Any], None]
    writes: str | None = None
    """The room whose log or record this changes, or :data:`NO_ROOM`."""
    erases: bool = False
    """Whether words are to leave the disk, the write-ahead log included."""


class Writer:
    """Carries out requests in their order and answers them on the event loop."""

    def __init__(
        self,
        path: Path,
        folder: Folder,
        *,
        kept: int,
        days: float,
        loop: asyncio.AbstractEventLoop,
        logger: logging.Logger,
    ) -> None:
        """Starts the thread; the file is opened (or made) there. See :class:`.sqlite.SQLiteStore`."""
        self.path = path
        self.begun = threading.Event()
        """Set when opening (or making) the file has been tried."""
        self.keeping = Housekeeping(folder, days)
        self.closed = False
        self._folder = folder
        self._kept = kept
        self._prune_at = time.monotonic()
        """When to look for what is too old, on the monotonic clock."""
        self._loop = loop
        self._logger = logger
        self._requests: queue.SimpleQueue[_Request | None] = queue.SimpleQueue()
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="meetwidget-log", daemon=True)
        self._thread.start()

    def ask(
        self,
        work: Callable[[sqlite3.Connection], T],
        done: Callable[[T | NotKept], None],
        writes: str | None = None,
        erases: bool = False,
    ) -> None:
        """Has ``work`` done and ``done`` called on the event loop; never blocks.

        Args:
            work: what is to be done; refuses with :class:`NotKept` before it changes anything.
            done: is given what ``work`` returned, once that is on disk, or the refusal.
            writes: the room whose log or record this changes, or :data:`NO_ROOM`.
            erases: whether words are to leave the disk, the write-ahead log included.
        """
        if self.closed or self._requests.qsize() >= MAX_PENDING:
            why = "the log is closed" if self.closed else "the disk is too slow"
            self._loop.call_soon(done, NotKept(why))
        else:
            self._requests.put(_Request(work, done, writes, erases))

    async def asked(
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

        self.ask(work, done, writes, erases)
        answer = await answered
        if isinstance(answer, NotKept):
            raise answer
        return answer

    def close(self) -> None:
        """Takes no more requests; the thread ends when those before are answered."""
        self.closed = True
        self._requests.put(None)

    def join(self) -> None:
        """Blocks until the thread has ended."""
        self._thread.join()

    # -------------------------------------------------------------- the thread

    def _run(self) -> None:
        self._folder.sweep()
        db, why = self._open()
        self.begun.set()
        tried = time.monotonic()
        running = True
        while running:
            batch, running = self._gather()
            if db is not None:
                self.keeping.tidy(db)
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
            self.keeping.tidy(db)
            db.close()

    def _open(self) -> tuple[sqlite3.Connection | None, str]:
        try:
            db = connect(self.path)
            self.keeping.weigh(db)
        except (sqlite3.Error, OSError) as error:
            return None, str(self._refusal(error))
        return db, ""

    def _gather(self) -> tuple[list[_Request], bool]:
        """Waits for a request, takes what else is there, and tells whether to go on."""
        batch: list[_Request] = []
        wait = self._prune_at - time.monotonic()
        if self.keeping.words_left:
            wait = min(wait, TRUNCATE_S)
        try:
            request = self._requests.get(timeout=max(0.0, wait))
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
        if any(request.writes is not None for request in batch):
            self.keeping.remove_files(db)
        if any(request.erases for request in batch):
            self.keeping.erased(db)
        return answers

    def _prune(self, db: sqlite3.Connection | None) -> None:
        """Forgets some of what is too old; what is left is done at the next turn."""
        gone = 0
        if db is not None:
            request = _Request(self.keeping.forget, _nobody, NO_ROOM, bool(self.keeping.days))
            (gone,) = self._answer(db, [request])
        done = not isinstance(gone, int) or gone == 0
        self._prune_at = time.monotonic() + (PRUNE_S if done else 0.0)

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


def _nobody(_answer: Any) -> None:
    """Takes an answer that nobody waits for."""


def _tell(batch: list[_Request], answers: list[Any], logger: logging.Logger) -> None:
    for request, answer in zip(batch, answers, strict=True):
        try:
            request.done(answer)
        except Exception:  # one room's mistake must not keep the others from their answers
            logger.exception("meetwidget: an answer of the log could not be used")
