"""Writing the log in SQL, and what the rules must know of what is in it."""

from __future__ import annotations

import sqlite3

import msgspec
from msgspec import UNSET

from meetwidget.wire.log import ClearEvent, DeleteEvent, EditEvent, LogEvent, MessageEvent
from meetwidget_server.room import EVERYONE, Draft, MessageFacts, Stored
from meetwidget_server.store import NotKept, files, said
from meetwidget_server.store.rooms import log_of, make

_encode = msgspec.json.Encoder().encode
_event_decoder: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)
_decode_audience = msgspec.json.Decoder(frozenset[str]).decode

_ERASE = """
UPDATE log {index} SET event = json_remove(
    json_set(CAST(event AS TEXT), '$.body', ''),
    '$.data', '$.poll', '$.files', '$.mentions', '$.location'
)
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
    if isinstance(event, MessageEvent):
        files.attach(db, room, draft.author, event)
    elif isinstance(event, DeleteEvent):
        db.execute(
            _ERASE.format(index="INDEXED BY log_message") + " AND message = :message",
            {"room": room, "message": event.id},
        )
        files.detach(db, room, event.id)
    elif isinstance(event, ClearEvent):
        db.execute(_ERASE.format(index=""), {"room": room})
        files.detach(db, room)
    elif isinstance(event, EditEvent) and not said.edit(db, room, event):
        event = EditEvent(event.id, "")  # its message was deleted while it was on its way
    said.follow(db, room, offset, event)
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


def facts(db: sqlite3.Connection, name: str, message: str) -> MessageFacts | None:
    """Finds who wrote a message, for whom, and whether it is still there."""
    found = log_of(db, name)
    if found is None:
        return None
    written = db.execute(
        "SELECT offset, author, audience, event FROM log INDEXED BY log_message"
        " WHERE room = ? AND message = ? AND kind = 'message'",
        (found[0], message),
    ).fetchone()
    if written is None:
        return None
    offset, author, audience, event = written
    gone = said.is_gone(db, found.room, message, offset)
    message_event = _event_decoder.decode(event)
    assert isinstance(message_event, MessageEvent)
    poll = None if message_event.poll is UNSET else message_event.poll
    closed = poll is not None and bool(
        db.execute(
            "SELECT EXISTS (SELECT 1 FROM log INDEXED BY log_message"
            "  WHERE room = ? AND message = ? AND kind = 'close')",
            (found.room, message),
        ).fetchone()[0]
    )
    return MessageFacts(
        author,
        EVERYONE if audience is None else _decode_audience(audience),
        gone,
        poll,
        closed,
    )
