"""Keeps what can be searched in step with the log: what messages say now, and nothing else."""

from __future__ import annotations

import sqlite3

from meetwidget.wire.log import ClearEvent, DeleteEvent, EditEvent, LogEvent, MessageEvent
from meetwidget_server.store.schema import place_of
from meetwidget_server.store.text import searchable, text_of

_PLACES = (
    "SELECT (room << 32) + offset FROM log WHERE room = ? AND message = ? AND kind = 'message'"
)


def follow(db: sqlite3.Connection, room: int, offset: int, event: LogEvent) -> None:
    """Takes in an event that is about to be kept at ``offset``; for edits see :func:`edit`.

    What leaves the log leaves the texts by the schema's triggers.
    """
    match event:
        case MessageEvent():
            _keep(db, place_of(room, offset), searchable(event))
        case DeleteEvent():
            db.execute(f"DELETE FROM said WHERE place IN ({_PLACES})", (room, event.id))  # noqa: S608
        case ClearEvent():
            db.execute(
                "DELETE FROM said WHERE place > ? AND place < ?",
                (place_of(room, 0), place_of(room, offset)),
            )
        case _:
            pass


def tidy(db: sqlite3.Connection) -> None:
    """Takes erased words out of the full-text index, where SQLite leaves them until it merges."""
    db.execute("INSERT INTO search (search) VALUES ('optimize')")


def _keep(db: sqlite3.Connection, place: int, text: str) -> None:
    if text:
        db.execute(
            "INSERT INTO said (place, text) VALUES (?, ?)"
            " ON CONFLICT (place) DO UPDATE SET text = excluded.text",
            (place, text),
        )
    else:
        db.execute("DELETE FROM said WHERE place = ?", (place,))


def edit(db: sqlite3.Connection, room: int, event: EditEvent) -> bool:
    """Takes in an edit that is about to be kept; false if its message is not there any more."""
    written = db.execute(
        "SELECT offset, event FROM log INDEXED BY log_message"
        " WHERE room = ? AND message = ? AND kind = 'message'",
        (room, event.id),
    ).fetchone()
    if written is None or is_gone(db, room, event.id, written[0]):
        return False
    _keep(db, place_of(room, written[0]), text_of(written[1], event.body))
    return True


def is_gone(db: sqlite3.Connection, room: int, message: str, offset: int) -> bool:
    """Whether a message, said at ``offset``, was deleted, or cleared away with the chat."""
    (gone,) = db.execute(
        "SELECT EXISTS (SELECT 1 FROM log INDEXED BY log_message"
        "  WHERE room = ?1 AND message = ?2 AND kind = 'delete')"
        " OR EXISTS (SELECT 1 FROM log INDEXED BY log_clear"
        "  WHERE room = ?1 AND kind = 'clear' AND offset > ?3)",
        (room, message, offset),
    ).fetchone()
    return bool(gone)
