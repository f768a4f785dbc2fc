"""What a room remembers between meetings, in SQL: functions on an open connection."""

from __future__ import annotations

import secrets
import sqlite3
import time
from typing import Any, NamedTuple

from meetwidget.wire.control import Role
from meetwidget_server.room import RoomRecord

_COLUMNS = "id, name, epoch, offset, title, locked, access, creator"


class Log(NamedTuple):
    """Where a room's log stands."""

    room: int
    epoch: str
    offset: int


def new_epoch() -> str:
    """Returns an identity for a log."""
    return secrets.token_urlsafe(9)


def log_of(db: sqlite3.Connection, name: str) -> Log | None:
    """Finds a room's log."""
    row = db.execute("SELECT id, epoch, offset FROM room WHERE name = ?", (name,)).fetchone()
    return None if row is None else Log(*row)


def make(db: sqlite3.Connection, name: str, epoch: str) -> None:
    """Makes a room that is not there."""
    db.execute(
        "INSERT INTO room (name, epoch, title, created_at) VALUES (?, ?, ?, ?)",
        (name, epoch, name, round(time.time() * 1000)),
    )


def open_room(db: sqlite3.Connection, name: str) -> RoomRecord:
    """Reads a room, making it with a new epoch if it is not there."""
    record = find(db, name)
    if record is None:
        make(db, name, new_epoch())
        record = find(db, name)
        assert record is not None
    return record


def find(db: sqlite3.Connection, name: str) -> RoomRecord | None:
    """Reads a room if it is there."""
    row = db.execute(f"SELECT {_COLUMNS} FROM room WHERE name = ?", (name,)).fetchone()  # noqa: S608
    return None if row is None else _record(db, row)


def rooms(db: sqlite3.Connection) -> list[RoomRecord]:
    """Reads every room, by name."""
    rows = db.execute(f"SELECT {_COLUMNS} FROM room ORDER BY name").fetchall()  # noqa: S608
    return [_record(db, row) for row in rows]


def _record(db: sqlite3.Connection, row: tuple[Any, ...]) -> RoomRecord:
    id_, name, epoch, offset, title, locked, access, creator = row
    roles: dict[str, Role] = dict(db.execute("SELECT user, role FROM role WHERE room = ?", (id_,)))
    invited = {user for (user,) in db.execute("SELECT user FROM invited WHERE room = ?", (id_,))}
    return RoomRecord(name, epoch, offset, title, bool(locked), roles, access, invited, creator)


def save_room(db: sqlite3.Connection, record: RoomRecord) -> None:
    """Keeps everything but epoch and offset, which are the log's own."""
    if log_of(db, record.name) is None:
        make(db, record.name, record.epoch)
    found = log_of(db, record.name)
    assert found is not None
    db.execute(
        "UPDATE room SET title = ?, locked = ?, access = ?, creator = ? WHERE id = ?",
        (record.title, record.locked, record.access, record.creator, found.room),
    )
    db.execute("DELETE FROM role WHERE room = ?", (found.room,))
    db.executemany(
        "INSERT INTO role (room, user, role) VALUES (?, ?, ?)",
        [(found.room, user, role) for user, role in record.roles.items()],
    )
    db.execute("DELETE FROM invited WHERE room = ?", (found.room,))
    db.executemany(
        "INSERT INTO invited (room, user) VALUES (?, ?)",
        [(found.room, user) for user in record.invited],
    )
