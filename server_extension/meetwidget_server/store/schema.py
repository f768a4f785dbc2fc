"""The log's tables, and how a connection to them is opened."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

from meetwidget_server.store.text import text_of

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
_CHAT = """
CREATE TABLE file (
    id TEXT PRIMARY KEY,
    room INTEGER NOT NULL REFERENCES room (id),
    owner TEXT NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    size INTEGER NOT NULL,
    width INTEGER,
    height INTEGER,
    message TEXT
) WITHOUT ROWID;
CREATE INDEX file_room ON file (room, message);
CREATE INDEX file_loose ON file (at) WHERE message IS NULL;
CREATE TABLE gone_file (id TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TRIGGER file_gone AFTER DELETE ON file BEGIN
    INSERT OR IGNORE INTO gone_file VALUES (old.id);
END;

CREATE TABLE said (place INTEGER PRIMARY KEY, text TEXT NOT NULL);
CREATE VIRTUAL TABLE search USING fts5 (
    text, content = 'said', content_rowid = 'place', tokenize = 'unicode61 remove_diacritics 2'
);
CREATE TRIGGER said_new AFTER INSERT ON said BEGIN
    INSERT INTO search (rowid, text) VALUES (new.place, new.text);
END;
CREATE TRIGGER said_gone AFTER DELETE ON said BEGIN
    INSERT INTO search (search, rowid, text) VALUES ('delete', old.place, old.text);
END;
CREATE TRIGGER said_anew AFTER UPDATE ON said BEGIN
    INSERT INTO search (search, rowid, text) VALUES ('delete', old.place, old.text);
    INSERT INTO search (rowid, text) VALUES (new.place, new.text);
END;

CREATE INDEX log_pin ON log (room, message, offset) WHERE kind = 'pin';
CREATE TRIGGER message_gone AFTER DELETE ON log WHEN old.kind = 'message' BEGIN
    DELETE FROM said WHERE place = (old.room << 32) + old.offset;
    DELETE FROM file WHERE room = old.room AND message = old.message;
END;
CREATE TRIGGER message_blanked AFTER UPDATE OF kind ON log
WHEN old.kind = 'message' AND new.kind <> 'message' BEGIN
    DELETE FROM said WHERE place = (old.room << 32) + old.offset;
    DELETE FROM file WHERE room = old.room AND message = old.message;
END;

INSERT INTO said (place, text)
SELECT (said.room << 32) + said.offset, meet_text(said.event, (
    SELECT json_extract(CAST(edit.event AS TEXT), '$.body') FROM log AS edit INDEXED BY log_message
    WHERE edit.room = said.room AND edit.message = said.message AND edit.kind = 'edit'
    ORDER BY edit.offset DESC LIMIT 1
))
FROM log AS said
WHERE said.kind = 'message' AND NOT EXISTS (
    SELECT 1 FROM log AS gone INDEXED BY log_message
    WHERE gone.room = said.room AND gone.message = said.message AND gone.kind = 'delete'
) AND NOT EXISTS (
    SELECT 1 FROM log AS clear INDEXED BY log_clear
    WHERE clear.room = said.room AND clear.kind = 'clear' AND clear.offset > said.offset
);
"""
"""Files; what messages say now, to be searched; and what keeps both true when messages go.

Indexes are named in queries: without statistics SQLite walks the whole log instead.

``said.place`` is room and offset in one number (:func:`place_of`), so that a search of one room
is a range of rows. Content of files is beside the database: ``gone_file`` says which is to go.
"""
STEPS = (_FIRST, _HUB, _CHAT)
"""What turns a file of each format into one of the next; format 0 is an empty file."""
SCHEMA_VERSION = len(STEPS)
BUSY_MS = 2000
"""How long a connection waits for another's lock, milliseconds."""


def place_of(room: int, offset: int) -> int:
    """Returns the row of ``said`` for a message: rooms one after the other, each in its order."""
    return (room << 32) + offset


def know_text(connection: sqlite3.Connection) -> None:
    """Gives SQL the function that tells what of a message can be searched."""
    connection.create_function("meet_text", 2, text_of, deterministic=True)


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
        know_text(connection)
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
