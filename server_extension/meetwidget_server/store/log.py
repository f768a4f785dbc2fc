"""The log's questions and answers in SQL, one function each, on a given connection."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec
from meetwidget.wire.control import (
    By,
    ClearEvent,
    DeleteEvent,
    LogEvent,
    LoggedEvent,
    Role,
)

from meetwidget_server.store import (
    Appended,
    Entry,
    Message,
    NotKept,
    Page,
    Record,
    RoomRecord,
)

_encode = msgspec.json.Encoder().encode
_decode_by = msgspec.json.Decoder(By).decode
_decode_event: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)
_decode_audience = msgspec.json.Decoder(frozenset[str]).decode

_ENTRY = "offset, at, by, event, audience"
_VISIBLE = (
    "(audience IS NULL OR EXISTS (SELECT 1 FROM json_each(log.audience) WHERE value = :user))"
)


def open_room(db: sqlite3.Connection, name: str) -> RoomRecord:
    """Reads a room, making it with a new epoch if it is not there."""
    db.execute(
        "INSERT OR IGNORE INTO room (name, epoch, title) VALUES (?, ?, ?)",
        (name, secrets.token_urlsafe(9), name),
    )
    return _room(db, db.execute("SELECT * FROM room WHERE name = ?", (name,)).fetchone())


def _room(db: sqlite3.Connection, row: tuple[Any, ...]) -> RoomRecord:
    id_, name, epoch, offset, title, locked, owner = row
    roles: dict[str, Role] = dict(db.execute("SELECT user, role FROM role WHERE room = ?", (id_,)))
    return RoomRecord(name, epoch, offset, title, bool(locked), owner, roles)


def rooms(db: sqlite3.Connection) -> list[RoomRecord]:
    """Reads every room, by name."""
    rows = db.execute("SELECT * FROM room ORDER BY name").fetchall()
    return [_room(db, row) for row in rows]


def save_room(
    db: sqlite3.Connection,
    name: str,
    owner: str | None,
    locked: bool | None,
    title: str | None,
    roles: dict[str, Role] | None,
) -> None:
    """Changes what is not ``None``."""
    db.execute(
        "UPDATE room SET owner = coalesce(?, owner), locked = coalesce(?, locked),"
        " title = coalesce(?, title) WHERE name = ?",
        (owner, locked, title, name),
    )
    if roles:
        db.executemany(
            "INSERT INTO role (room, user, role) SELECT id, ?, ? FROM room WHERE name = ?"
            " ON CONFLICT DO UPDATE SET role = excluded.role",
            [(user, role, name) for user, role in roles.items()],
        )


def append(db: sqlite3.Connection, record: Record) -> Appended:
    """Adds an event at the room's next offset, unless its author's cid is there already.

    Raises:
        NotKept: the room is not in this log, or under another epoch.
    """
    row = db.execute("SELECT id, epoch, offset FROM room WHERE name = ?", (record.room,)).fetchone()
    if row is None or row[1] != record.epoch:
        raise NotKept("this room began while its log could not be read")
    room, _, newest = row
    user = record.by.user.name
    known = db.execute(
        "SELECT offset, at, message FROM log WHERE room = ? AND user = ? AND cid = ?",
        (room, user, record.cid),
    ).fetchone()
    if known is not None:
        return Appended(*known, fresh=False)
    offset = newest + 1
    event = record.event
    message = None if isinstance(event, ClearEvent) else event.id
    kind = str(event.__struct_config__.tag)
    if isinstance(event, DeleteEvent):
        _erase(db, room, "message = ?", [event.id])
    elif isinstance(event, ClearEvent):
        _erase(db, room, "offset < ?", [offset])
    audience = None if record.audience is None else _encode(sorted(record.audience)).decode()
    db.execute(
        "INSERT INTO log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            room,
            offset,
            record.at,
            user,
            record.cid,
            kind,
            message,
            _encode(record.by),
            _encode(event),
            audience,
        ),
    )
    db.execute("UPDATE room SET offset = ? WHERE id = ?", (offset, room))
    return Appended(offset, record.at, message, fresh=True)


def _erase(db: sqlite3.Connection, room: int, which: str, values: list[Any]) -> None:
    """Takes bodies and data out of messages and edits; the offsets stay dense."""
    db.execute(
        "UPDATE log SET event = json_remove(json_set(cast(event AS TEXT), '$.body', ''), '$.data')"
        f" WHERE room = ? AND kind IN ('message', 'edit') AND {which}",  # noqa: S608
        [room, *values],
    )


def trim(db: sqlite3.Connection, name: str, kept: int) -> None:
    """Forgets all but the newest ``kept`` events of a room."""
    db.execute(
        "DELETE FROM log WHERE room = (SELECT id FROM room WHERE name = ?1)"
        " AND offset <= (SELECT offset FROM room WHERE name = ?1) - ?2",
        (name, kept),
    )


def _entries(rows: Iterable[tuple[Any, ...]]) -> list[Entry]:
    return [
        Entry(
            LoggedEvent(offset, at, _decode_by(by), _decode_event.decode(event)),
            None if audience is None else _decode_audience(audience),
        )
        for offset, at, by, event, audience in rows
    ]


def _bounds(db: sqlite3.Connection, name: str) -> tuple[int, str, int] | None:
    row: tuple[int, str, int] | None = db.execute(
        "SELECT id, epoch, offset FROM room WHERE name = ?", (name,)
    ).fetchone()
    return row


def since(db: sqlite3.Connection, name: str, after: int, limit: int) -> Page:
    """Reads every event behind ``after``; ``more`` if some are trimmed, or over ``limit``."""
    bounds = _bounds(db, name)
    if bounds is None:
        return Page("", [], after > 0)
    room, epoch, newest = bounds
    missing = newest - after
    if missing < 0 or missing > limit:
        return Page(epoch, [], True)
    rows = db.execute(
        f"SELECT {_ENTRY} FROM log WHERE room = ? AND offset > ? ORDER BY offset",  # noqa: S608
        (room, after),
    ).fetchall()
    return Page(epoch, _entries(rows), len(rows) != missing)


def newest(db: sqlite3.Connection, name: str, limit: int) -> Page:
    """Reads the newest events, oldest first."""
    bounds = _bounds(db, name)
    if bounds is None:
        return Page("", [], False)
    room, epoch, _ = bounds
    rows = db.execute(
        f"SELECT {_ENTRY} FROM log WHERE room = ? ORDER BY offset DESC LIMIT ?",  # noqa: S608
        (room, limit + 1),
    ).fetchall()
    return Page(epoch, _entries(reversed(rows[:limit])), len(rows) > limit)


def history(db: sqlite3.Connection, name: str, before: int | None, limit: int, user: str) -> Page:
    """Reads a page of what ``user`` may see, ending before offset ``before``."""
    bounds = _bounds(db, name)
    if bounds is None:
        return Page("", [], False)
    room, epoch, last = bounds
    rows = db.execute(
        f"SELECT {_ENTRY} FROM log WHERE room = :room AND offset < :before"  # noqa: S608
        f" AND {_VISIBLE} ORDER BY offset DESC LIMIT :limit",
        {
            "room": room,
            "before": last + 1 if before is None else before,
            "user": user,
            "limit": limit + 1,
        },
    ).fetchall()
    return Page(epoch, _entries(reversed(rows[:limit])), len(rows) > limit)


def message(db: sqlite3.Connection, name: str, id_: str) -> Message | None:
    """Finds who wrote a message, for whom, and whether it is still there."""
    rows = db.execute(
        "SELECT kind, by, audience FROM log WHERE room = (SELECT id FROM room WHERE name = ?)"
        " AND message = ? AND kind IN ('message', 'delete')",
        (name, id_),
    ).fetchall()
    for kind, by, audience in rows:
        if kind == "message":
            author = _decode_by(by)
            return Message(
                id_,
                author.user.name,
                author.kind,
                None if audience is None else _decode_audience(audience),
                any(row[0] == "delete" for row in rows),
            )
    return None
