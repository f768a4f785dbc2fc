"""The log's questions and answers in SQL: functions on an open connection."""

from __future__ import annotations

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
)
from meetwidget_server.room import EVERYONE, Draft, History, MessageFacts, Stored
from meetwidget_server.store import NotKept, Page
from meetwidget_server.store.rooms import log_of, make

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


def append(db: sqlite3.Connection, name: str, epoch: str, draft: Draft) -> Stored:
    """Adds an event at the room's next offset, unless its author's cid is there already.

    Raises:
        NotKept: the room is in this log under another epoch.
    """
    found = log_of(db, name)
    if found is None:
        # The room was opened while the log could not be written; now it can.
        make(db, name, epoch)
        found = log_of(db, name)
        assert found is not None
    room, kept_epoch, newest = found
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
    found = log_of(db, name)
    if found is None:
        raise NotKept("the room has no log yet")
    room, kept_epoch, last = found
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
    found = log_of(db, name)
    if found is None:
        return Page("", [], False)
    room, epoch, last = found
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
    found = log_of(db, name)
    if found is None:
        return None
    written = db.execute(
        "SELECT offset, author, audience FROM log"
        " WHERE room = ? AND message = ? AND kind = 'message'",
        (found[0], message),
    ).fetchone()
    if written is None:
        return None
    offset, author, audience = written
    gone = db.execute(
        "SELECT EXISTS (SELECT 1 FROM log WHERE room = ?1 AND message = ?2 AND kind = 'delete')"
        " OR EXISTS (SELECT 1 FROM log WHERE room = ?1 AND kind = 'clear' AND offset > ?3)",
        (found[0], message, offset),
    ).fetchone()[0]
    return MessageFacts(
        author, EVERYONE if audience is None else _decode_audience(audience), bool(gone)
    )
