"""What the writer does beside its requests: it forgets what is too old, and clears the disk.

A transaction that erases leaves traces: words in the full-text index until SQLite merges it, in
the write-ahead log until somebody empties it, and files. All of them go as soon as nobody is in
the way; what does not work now is tried again.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time

from meetwidget_server.store import erasure, files, said
from meetwidget_server.store.folder import Folder
from meetwidget_server.store.schema import BUSY_MS

DAY_S = 24 * 60 * 60
PRUNED_EVENTS = 2_000
"""Events that are forgotten in one go: bounds how long an append waits for it."""
LOOSE_FILE_S = 60 * 60
"""How long a file may wait to go with a message, seconds."""


class Housekeeping:
    """Works in the writer's thread, between its transactions."""

    def __init__(self, folder: Folder, days: float) -> None:
        """Does nothing yet.

        Args:
            folder: where the content of files is.
            days: events older than this are forgotten; 0: none.
        """
        self.days = days
        self.file_bytes = 0
        """Size of all files that are kept."""
        self.words_left = False
        """Erased words may still be in the write-ahead log: somebody was reading it."""
        self._words_indexed = False
        """Erased words may still be in the full-text index."""
        self._folder = folder

    def forget(self, db: sqlite3.Connection) -> int:
        """Forgets some of what is too old; returns how many events, 0 when it is done."""
        files.forget_loose(db, round((time.time() - LOOSE_FILE_S) * 1000))
        return prune_now(db, self.days) if self.days else 0

    def erased(self, db: sqlite3.Connection) -> None:
        """Clears up after a transaction that has erased words."""
        self._words_indexed = True
        self.tidy(db)

    def tidy(self, db: sqlite3.Connection) -> None:
        """Takes what was erased off the disk."""
        if self._words_indexed:
            with contextlib.suppress(sqlite3.Error):
                said.tidy(db)
                self._words_indexed = False
                self.words_left = True
        if self.words_left:
            with contextlib.suppress(sqlite3.Error):
                db.execute("PRAGMA busy_timeout = 0")  # nobody waits for a reader to finish
                (busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                self.words_left = bool(busy)
            with contextlib.suppress(sqlite3.Error):
                db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")

    def remove_files(self, db: sqlite3.Connection) -> None:
        """Removes the content of files that a transaction has forgotten."""
        with contextlib.suppress(sqlite3.Error):  # what is not noted as removed comes again
            gone = files.gone(db)
            if gone:
                files.removed(db, self._folder.remove(gone))
                self.weigh(db)

    def weigh(self, db: sqlite3.Connection) -> None:
        """Notes how much of files is kept."""
        self.file_bytes = files.bytes_kept(db)


def prune_now(db: sqlite3.Connection, days: float) -> int:
    """Forgets some of the events that are older than so many days; returns how many."""
    before = round((time.time() - days * DAY_S) * 1000)
    return erasure.prune(db, before, PRUNED_EVENTS)
