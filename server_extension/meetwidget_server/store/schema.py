"""The log's tables, and how a connection to them is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

_FIRST = """
CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    offset INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL,
    locked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE role (
    room INTEGER NOT NULL REFERENCES room (id),
    user TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (room, user)
) WITHOUT ROWID;
CREATE TABLE log (
    room INTEGER NOT NULL REFERENCES room (id),
    offset INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    cid TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT,
    by BLOB NOT NULL,
    event BLOB NOT NULL,
    audience TEXT,
    PRIMARY KEY (room, offset),
    UNIQUE (room, author, cid)
) WITHOUT ROWID;
CREATE INDEX log_message ON log (room, message);
CREATE INDEX log_clear ON log (room, offset) WHERE kind = 'clear';
"""
_HUB = """
ALTER TABLE room ADD COLUMN access TEXT NOT NULL DEFAULT 'open';
ALTER TABLE room ADD COLUMN creator TEXT NOT NULL DEFAULT '';
ALTER TABLE room ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
CREATE TABLE invited (
    room INTEGER NOT NULL REFERENCES room (id),
    user TEXT NOT NULL,
    PRIMARY KEY (room, user)
) WITHOUT ROWID;
CREATE TABLE guest_link (
    id TEXT PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room (id),
    digest BLOB NOT NULL UNIQUE,
    created_by TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    revoked INTEGER NOT NULL DEFAULT 0,
    uses INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX guest_link_room ON guest_link (room, created_at);
CREATE INDEX log_at ON log (at);
CREATE INDEX log_private ON log (room, offset) WHERE audience IS NOT NULL;
"""
STEPS = (_FIRST, _HUB)
"""What turns a file of each format into one of the next; format 0 is an empty file."""
SCHEMA_VERSION = len(STEPS)
BUSY_MS = 2000
"""How long a connection waits for another's lock, milliseconds."""


def connect(path: Path) -> sqlite3.Connection:
    """Opens the log for writing, making it if it is new, converting it if it is old.

    Raises:
        sqlite3.Error: the file cannot be opened, written or understood.
        OSError: its folder cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # It holds what people say to each other; SQLite gives its side files the same rights.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        # An acknowledged message survives a power cut, not just a killed process.
        connection.execute("PRAGMA synchronous = FULL")
        # A deleted body leaves the file, not just the table.
        connection.execute("PRAGMA secure_delete = ON")
        connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
        _bring_up_to_date(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > SCHEMA_VERSION:
        raise sqlite3.DatabaseError(
            f"the log {path} has format {version}, this version reads {SCHEMA_VERSION}"
        )
    if version < SCHEMA_VERSION:
        steps = "".join(STEPS[version:])
        connection.executescript(
            f"BEGIN IMMEDIATE; {steps} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT;"
        )


def connect_reader(path: Path) -> sqlite3.Connection:
    """Opens the log for reading beside the writer.

    Raises:
        sqlite3.Error: there is no log, or it cannot be read.
    """
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return connection


class Claim:
    """A lock on the log, so that two servers never number the same room's events.

    It is a lock of SQLite's on a small file of its own: portable, and gone with the
    process, however it ends.
    """

    def __init__(self, path: Path) -> None:
        """Takes the lock for the log at ``path``.

        Raises:
            sqlite3.OperationalError: another process holds it.
        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = sqlite3.connect(
            path.with_name(path.name + ".lock"),
            timeout=0,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            lock.execute("PRAGMA locking_mode = EXCLUSIVE")
            lock.execute("BEGIN EXCLUSIVE")
        except BaseException:
            lock.close()
            raise
        self._lock = lock

    def release(self) -> None:
        """Lets another server have the log."""
        self._lock.close()
