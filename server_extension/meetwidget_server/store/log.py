"""The log's questions and answers in SQL: functions on an open connection."""

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
from meetwidget_server.room import EVERYONE, Draft, History, MessageFacts, RoomRecord, Stored
from meetwidget_server.store import NotKept, Page

_encode = msgspec.json.Encoder().encode
_decode_by = msgspec.json.Decoder(By).decode
_event_decoder: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)
_decode_audience = msgspec.json.Decoder(frozenset[str]).decode

MAX_PAGE_BYTES = 4 * 1024 * 1024
"""Most event data read at once: a page of messages with large data is a shorter page."""

_SELECT = """
SELECT offset, at, by, event FROM log
WHERE room = :room AND offset >= :start AND offset < :end AND (
    audience IS NULL OR author = :reader
    OR EXISTS (SELECT 1 FROM json_each(log.audience) WHERE value = :reader)
)
"""
_ERASE = """
UPDATE log SET event = json_remove(json_set(CAST(event AS TEXT), '$.body', ''), '$.data')
WHERE room = :room AND kind IN ('message', 'edit')
"""


def open_room(db: sqlite3.Connection, name: str) -> RoomRecord:
    """Reads a room, making it with a new epoch if it is not there."""
    row = _find(db, name)
    if row is None:
        _make(db, name, secrets.token_urlsafe(9))
        row = _find(db, name)
    return _record(db, row)


def _find(db: sqlite3.Connection, name: str) -> Any:
    return db.execute(
        "SELECT id, name, epoch, offset, title, locked FROM room WHERE name = ?", (name,)
    ).fetchone()


def _make(db: sqlite3.Connection, name: str, epoch: str) -> None:
    db.execute("INSERT INTO room (name, epoch, title) VALUES (?, ?, ?)", (name, epoch, name))


def _record(db: sqlite3.Connection, row: tuple[Any, ...]) -> RoomRecord:
    id_, name, epoch, offset, title, locked = row
    roles: dict[str, Role] = dict(db.execute("SELECT user, role FROM role WHERE room = ?", (id_,)))
    return RoomRecord(name, epoch, offset, title, bool(locked), roles)


def rooms(db: sqlite3.Connection) -> list[RoomRecord]:
    """Reads every room, by name."""
    rows = db.execute(
        "SELECT id, name, epoch, offset, title, locked FROM room ORDER BY name"
    ).fetchall()
    return [_record(db, row) for row in rows]


def save_room(db: sqlite3.Connection, record: RoomRecord) -> None:
    """Keeps everything but epoch and offset, which are the log's own."""
    if _find(db, record.name) is None:
        _make(db, record.name, record.epoch)
    db.execute(
        "UPDATE room SET title = ?, locked = ? WHERE name = ?",
        (record.title, record.locked, record.name),
    )
    db.execute("DELETE FROM role WHERE room = (SELECT id FROM room WHERE name = ?)", (record.name,))
    db.executemany(
        "INSERT INTO role (room, user, role) SELECT id, ?, ? FROM room WHERE name = ?",
        [(user, role, record.name) for user, role in record.roles.items()],
    )


def append(db: sqlite3.Connection, name: str, epoch: str, draft: Draft) -> Stored:
    """Adds an event at the room's next offset, unless its author's cid is there already.

    Raises:
        NotKept: the room is in this log under another epoch.
    """
    row = db.execute("SELECT id, epoch, offset FROM room WHERE name = ?", (name,)).fetchone()
    if row is None:
        # The room was opened while the log could not be written; now it can.
        _make(db, name, epoch)
        row = db.execute("SELECT id, epoch, offset FROM room WHERE name = ?", (name,)).fetchone()
    room, kept_epoch, newest = row
    if kept_epoch != epoch:
        raise NotKept("this meeting began while its log could not be read")
    first = db.execute(
        "SELECT offset, at, event FROM log WHERE room = ? AND author = ? AND cid = ?",
        (room, draft.author, draft.cid),
    ).fetchone()
    if first is not None:
        return Stored(first[0], first[1], _event_decoder.decode(first[2]), duplicate=True)
    offset = newest + 1
    event = draft.event
    if isinstance(event, DeleteEvent):
        db.execute(f"{_ERASE} AND message = :message", {"room": room, "message": event.id})
    elif isinstance(event, ClearEvent):
        db.execute(_ERASE, {"room": room})
    audience = draft.audience
    db.execute(
        "INSERT INTO log (room, offset, at, author, cid, kind, message, by, event, audience)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            room,
            offset,
            draft.at,
            draft.author,
            draft.cid,
            event.__struct_config__.tag,
            None if isinstance(event, ClearEvent) else event.id,
            _encode(draft.by),
            _encode(event),
            None if audience is EVERYONE else _encode(sorted(audience)).decode(),
        ),
    )
    db.execute("UPDATE room SET offset = ? WHERE id = ?", (offset, room))
    return Stored(offset, draft.at, event)


def trim(db: sqlite3.Connection, name: str, kept: int) -> None:
    """Forgets all but the newest ``kept`` events of a room."""
    db.execute(
        "DELETE FROM log WHERE room = (SELECT id FROM room WHERE name = ?1)"
        " AND offset <= (SELECT offset FROM room WHERE name = ?1) - ?2",
        (name, kept),
    )


def catch_up(
    db: sqlite3.Connection,
    name: str,
    reader: str,
    epoch: str | None,
    after: int | None,
    most: int,
    newest: int,
) -> History:
    """Reads all since ``after`` if that is no silent hole and no more than ``most``.

    Else the ``newest`` events, and ``recovered`` is false.
    """
    row = _find(db, name)
    if row is None:
        raise NotKept("the room has no log yet")
    room, _, kept_epoch, last, _, _ = row
    if after is not None and epoch == kept_epoch and 0 <= last - after <= most:
        (first,) = db.execute("SELECT min(offset) FROM log WHERE room = ?", (room,)).fetchone()
        if last == after or (first is not None and first <= after + 1):
            rows = db.execute(
                f"{_SELECT} ORDER BY offset",
                {"room": room, "start": after + 1, "end": last + 1, "reader": reader},
            )
            events, cut = _events(rows, most)
            if not cut:
                return History(events, True, kept_epoch, last)
    events, _ = _newest(db, room, last + 1, reader, newest)
    return History(events, False, kept_epoch, last)


def history(db: sqlite3.Connection, name: str, reader: str, before: int | None, limit: int) -> Page:
    """Reads a page of what ``reader`` may see, ending before offset ``before``."""
    row = _find(db, name)
    if row is None:
        return Page("", [], False)
    room, _, epoch, last, _, _ = row
    events, more = _newest(db, room, last + 1 if before is None else before, reader, limit)
    return Page(epoch, events, more)


def _newest(
    db: sqlite3.Connection, room: int, end: int, reader: str, limit: int
) -> tuple[list[LoggedEvent], bool]:
    """Returns the newest events before ``end``, not reaching back behind a clear."""
    (start,) = db.execute(
        "SELECT max(offset) FROM log WHERE room = ? AND kind = 'clear'", (room,)
    ).fetchone()
    rows = db.execute(
        f"{_SELECT} ORDER BY offset DESC LIMIT :limit",
        {"room": room, "start": start or 0, "end": end, "reader": reader, "limit": limit + 1},
    )
    events, more = _events(rows, limit)
    return events[::-1], more


def _events(rows: Iterable[tuple[Any, ...]], limit: int) -> tuple[list[LoggedEvent], bool]:
    """Returns the first events, at least one, and whether some were left out."""
    events: list[LoggedEvent] = []
    size = 0
    for offset, at, by, event in rows:
        size += len(event)
        if len(events) == limit or (events and size > MAX_PAGE_BYTES):
            return events, True
        events.append(LoggedEvent(offset, at, _decode_by(by), _event_decoder.decode(event)))
    return events, False


def facts(db: sqlite3.Connection, name: str, message: str) -> MessageFacts | None:
    """Finds who wrote a message, for whom, and whether it is still there."""
    row = _find(db, name)
    if row is None:
        return None
    written = db.execute(
        "SELECT offset, author, audience FROM log"
        " WHERE room = ? AND message = ? AND kind = 'message'",
        (row[0], message),
    ).fetchone()
    if written is None:
        return None
    offset, author, audience = written
    gone = db.execute(
        "SELECT EXISTS (SELECT 1 FROM log WHERE room = ?1 AND message = ?2 AND kind = 'delete')"
        " OR EXISTS (SELECT 1 FROM log WHERE room = ?1 AND kind = 'clear' AND offset > ?3)",
        (row[0], message, offset),
    ).fetchone()[0]
    return MessageFacts(
        author, EVERYONE if audience is None else _decode_audience(audience), bool(gone)
    )
