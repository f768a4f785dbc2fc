"""Reading the log in SQL, as one reader may see it: what newcomers get, and pages of history.

A walk back from the newest events has everything that happened to older messages already. A page
from elsewhere has not: it comes with the later events about its messages, without those that
others have overtaken.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import msgspec

from meetwidget.wire.log import LogEvent, LoggedEvent, MessageEvent, ReactionEvent
from meetwidget.wire.values import By
from meetwidget_server.room import History
from meetwidget_server.store import NotKept, Page
from meetwidget_server.store.rooms import Log, log_of

MAX_PAGE_BYTES = 4 * 1024 * 1024
"""Most event data read at once: a page of messages with large data is a shorter page."""
MAX_PINNED = 100
"""Most pinned messages from further back that a newcomer is told of, the newest pins."""

_encode = msgspec.json.Encoder().encode
_decode_by = msgspec.json.Decoder(By).decode
_event_decoder: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)

_VISIBLE = """(
    audience IS NULL OR author = :reader
    OR EXISTS (SELECT 1 FROM json_each(log.audience) WHERE value = :reader)
)"""
_SELECT = f"""
SELECT offset, at, by, event FROM log
WHERE room = :room AND offset >= :start AND offset < :end AND {_VISIBLE}
"""  # noqa: S608 - our names
_ABOUT = f"""
SELECT offset, at, by, event, author, kind, message FROM log INDEXED BY log_message
WHERE room = :room AND message IN (SELECT value FROM json_each(:messages))
AND offset >= :start AND offset < :end AND {_VISIBLE}
ORDER BY offset
"""  # noqa: S608 - our names
_PINNED = """
SELECT pin.message FROM log AS pin INDEXED BY log_pin
WHERE pin.room = :room AND pin.kind = 'pin' AND json_extract(CAST(pin.event AS TEXT), '$.on')
AND NOT EXISTS (
    SELECT 1 FROM log AS later INDEXED BY log_pin WHERE later.room = pin.room AND later.message = pin.message
    AND later.kind = 'pin' AND later.offset > pin.offset
) AND NOT EXISTS (
    SELECT 1 FROM log AS gone INDEXED BY log_message WHERE gone.room = pin.room AND gone.message = pin.message
    AND gone.kind = 'delete'
) AND EXISTS (
    SELECT 1 FROM log AS said INDEXED BY log_message WHERE said.room = pin.room AND said.message = pin.message
    AND said.kind = 'message' AND said.offset >= :cleared AND said.offset < :end
)
ORDER BY pin.offset DESC LIMIT :most
"""


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
    events, more = _newest(db, room, last + 1, reader, newest)
    pinned = _pinned(db, room, reader, events[0].offset) if more else []
    return History(events, False, kept_epoch, last, pinned)


def history(db: sqlite3.Connection, name: str, reader: str, before: int | None, limit: int) -> Page:
    """Reads a page of what ``reader`` may see, ending before offset ``before``."""
    found = log_of(db, name)
    if found is None:
        return Page("", [], False)
    room, epoch, last = found
    end = last + 1 if before is None else min(before, last + 1)
    events, more = _newest(db, room, end, reader, limit)
    return Page(epoch, events, more, newer=end <= last)


def passage(db: sqlite3.Connection, name: str, reader: str, after: int, limit: int) -> Page:
    """Reads a page of what ``reader`` may see, beginning after offset ``after``."""
    found = log_of(db, name)
    if found is None:
        return Page("", [], False)
    room, _, last = found
    start = max(after + 1, cleared(db, room))
    events, newer = _oldest(db, room, start, last + 1, reader, limit)
    return _page(db, found, reader, start, events, newer)


def around(db: sqlite3.Connection, name: str, reader: str, message: str, limit: int) -> Page | None:
    """Reads a page with a message in its middle; ``None`` if ``reader`` sees no such message."""
    found = log_of(db, name)
    if found is None:
        return None
    room, _, last = found
    row = db.execute(
        f"SELECT offset FROM log INDEXED BY log_message WHERE room = :room AND message = :message"  # noqa: S608
        f" AND kind = 'message' AND {_VISIBLE}",
        {"room": room, "message": message, "reader": reader},
    ).fetchone()
    if row is None or row[0] < cleared(db, room):
        return None
    (offset,) = row
    older, _ = _newest(db, room, offset, reader, (limit - 1) // 2)
    events, newer = _oldest(db, room, offset, last + 1, reader, limit - len(older))
    events = older + events
    return _page(db, found, reader, events[0].offset, events, newer)


def about(db: sqlite3.Connection, name: str, reader: str, message: str) -> Page:
    """Reads the events about one message that ``reader`` may see."""
    found = log_of(db, name)
    if found is None:
        return Page("", [], False)
    room, epoch, last = found
    events = _about(db, room, reader, [message], cleared(db, room), last + 1)
    known = any(isinstance(entry.event, MessageEvent) for entry in events)
    return Page(epoch, events if known else [], False)


def cleared(db: sqlite3.Connection, room: int) -> int:
    """Returns the offset of the newest clear, before which nothing is shown; 0: never cleared."""
    (start,) = db.execute(
        "SELECT max(offset) FROM log INDEXED BY log_clear WHERE room = ? AND kind = 'clear'",
        (room,),
    ).fetchone()
    return int(start or 0)


def _page(
    db: sqlite3.Connection,
    found: Log,
    reader: str,
    start: int,
    events: list[LoggedEvent],
    newer: bool,
) -> Page:
    """Returns a page of events from ``start`` on with what became of its messages later."""
    room, epoch, last = found
    older = db.execute(
        f"{_SELECT} LIMIT 1",
        {"room": room, "start": cleared(db, room), "end": start, "reader": reader},
    ).fetchone()
    later = []
    if newer:
        messages = [e.event.id for e in events if isinstance(e.event, MessageEvent)]
        later = _about(db, room, reader, messages, events[-1].offset + 1, last + 1)
    return Page(epoch, events, older is not None, newer, later)


def _newest(
    db: sqlite3.Connection, room: int, end: int, reader: str, limit: int
) -> tuple[list[LoggedEvent], bool]:
    """Returns the newest events before ``end``, not reaching back behind a clear."""
    rows = db.execute(
        f"{_SELECT} ORDER BY offset DESC LIMIT :limit",
        {
            "room": room,
            "start": cleared(db, room),
            "end": end,
            "reader": reader,
            "limit": limit + 1,
        },
    )
    events, more = _events(rows, limit)
    return events[::-1], more


def _oldest(
    db: sqlite3.Connection, room: int, start: int, end: int, reader: str, limit: int
) -> tuple[list[LoggedEvent], bool]:
    """Returns the oldest events from ``start`` on, and whether there are more before ``end``."""
    rows = db.execute(
        f"{_SELECT} ORDER BY offset LIMIT :limit",
        {"room": room, "start": start, "end": end, "reader": reader, "limit": limit + 1},
    )
    return _events(rows, limit)


def _pinned(db: sqlite3.Connection, room: int, reader: str, end: int) -> list[LoggedEvent]:
    """Returns the events before ``end`` about messages that are pinned now."""
    rows = db.execute(
        _PINNED, {"room": room, "cleared": cleared(db, room), "end": end, "most": MAX_PINNED}
    ).fetchall()
    found: list[LoggedEvent] = []
    size = 0
    for (message,) in rows:
        events = _about(db, room, reader, [message], 0, end)
        size += sum(len(_encode(entry.event)) for entry in events)
        if found and size > MAX_PAGE_BYTES:
            break
        found += events
    return sorted(found, key=lambda entry: entry.offset)


def _about(
    db: sqlite3.Connection, room: int, reader: str, messages: list[str], start: int, end: int
) -> list[LoggedEvent]:
    """Returns events about messages, without those that later ones have overtaken."""
    rows = db.execute(
        _ABOUT,
        {
            "room": room,
            "messages": msgspec.json.encode(messages).decode(),
            "start": start,
            "end": end,
            "reader": reader,
        },
    )
    standing: dict[tuple[str, ...], LoggedEvent] = {}
    for offset, at, by, encoded, author, kind, message in rows:
        event = _event_decoder.decode(encoded)
        entry = LoggedEvent(offset, at, _decode_by(by), event)
        key: tuple[str, ...] = (kind, message)
        match kind:
            case "vote":
                if ("close", message) in standing:
                    continue  # does not count, so it has overtaken none
                key = (kind, message, author)
            case "reaction":
                assert isinstance(event, ReactionEvent)
                key = (kind, message, author, event.emoji)
            case "close":
                standing.setdefault(key, entry)
                continue
            case _:
                pass
        standing[key] = entry
    return sorted(standing.values(), key=lambda entry: entry.offset)


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
