"""Forgetting in SQL: what is too old, a room, or a user.

What is erased leaves the file (``secure_delete``) and, once the caller has truncated it, the
write-ahead log. Where words of a living room disappear its log gets a new epoch, so that no
client goes on from a state that is no more.
"""

from __future__ import annotations

import secrets
import sqlite3

import msgspec
from msgspec import UNSET

from meetwidget.wire.log import DeleteEvent, LogEvent, MessageEvent
from meetwidget.wire.values import By, User
from meetwidget_server.store.rooms import log_of, new_epoch

DELETED_USER = User("", "Deleted user", "–", "#808080")
"""Who is named in place of an erased user."""
_OWN_KINDS = ("person", "kernel")
"""A guest is nobody's second name: guests are erased with their room, or by retention."""

_encode = msgspec.json.Encoder().encode
_decode_by = msgspec.json.Decoder(By).decode
_event_decoder: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)


def prune(db: sqlite3.Connection, before: int, most: int) -> int:
    """Forgets events from before a time, and guest links that ended before it.

    A room loses its log from the old end on, never out of the middle. Its record (roles, access,
    invitations) stays.

    Args:
        db: the log.
        before: ms since 1970.
        most: events forgotten in one go, so that nobody waits long for the log.

    Returns:
        How many events were forgotten; call again until it is 0.
    """
    gone = 0
    db.execute("DELETE FROM guest_link WHERE expires_at < ?", (before,))
    ends = db.execute("SELECT room, max(offset) FROM log WHERE at < ? GROUP BY room", (before,))
    for room, end in ends.fetchall():
        (first,) = db.execute("SELECT min(offset) FROM log WHERE room = ?", (room,)).fetchone()
        end = min(end, first + most - gone - 1)
        gone += db.execute("DELETE FROM log WHERE room = ? AND offset <= ?", (room, end)).rowcount
        if gone >= most:
            break
    return gone


def erase_room(db: sqlite3.Connection, name: str) -> bool:
    """Forgets a room: log, roles, invitations, links, record; false if there is no such room."""
    found = log_of(db, name)
    if found is None:
        return False
    # With the log go texts and files: see the schema's triggers.
    for table in ("log", "file", "role", "invited", "guest_link"):
        db.execute(f"DELETE FROM {table} WHERE room = ?", (found.room,))  # noqa: S608 - our names
    db.execute("DELETE FROM room WHERE id = ?", (found.room,))
    return True


def rooms_of_user(db: sqlite3.Connection, name: str) -> list[str]:
    """Lists the rooms that keep something of or about a user."""
    found: set[str] = set()
    for room, room_name, creator in db.execute("SELECT id, name, creator FROM room").fetchall():
        if creator == name or _is_in(db, room, name):
            found.add(room_name)
    return sorted(found)


def _is_in(db: sqlite3.Connection, room: int, name: str) -> bool:
    marks = {"room": room, "user": name}
    for kind in _OWN_KINDS:
        marks[kind] = f"{kind}:{name}"
    (found,) = db.execute(
        """
        SELECT EXISTS (SELECT 1 FROM role WHERE room = :room AND user = :user)
        OR EXISTS (SELECT 1 FROM invited WHERE room = :room AND user = :user)
        OR EXISTS (SELECT 1 FROM guest_link WHERE room = :room AND created_by = :user)
        OR EXISTS (SELECT 1 FROM log WHERE room = :room AND author IN (:person, :kernel))
        OR EXISTS (SELECT 1 FROM file WHERE room = :room AND owner IN (:person, :kernel))
        OR EXISTS (SELECT 1 FROM log, json_each(CAST(log.event AS TEXT), '$.mentions') AS mention
                   WHERE log.room = :room AND log.kind = 'message'
                   AND json_extract(mention.value, '$.name') = :user)
        OR EXISTS (SELECT 1 FROM log, json_each(log.audience) AS reader
                   WHERE log.room = :room AND log.audience IS NOT NULL
                   AND reader.value IN (:person, :kernel))
        """,
        marks,
    ).fetchone()
    return bool(found)


def erase_user(db: sqlite3.Connection, name: str) -> list[str]:
    """Forgets a user and their kernels; returns the rooms that were changed.

    - Private messages from them, and to nobody but them, are gone without a trace; where others
      are addressed too, they are no longer among the addressees.
    - Their other messages become what a deleted message is: a mark with no words.
    - Their files, reactions, votes, roles, invitations and guest links are gone.
    - Where others mention them the words stay, and no longer say whom they mean.
    - Moderation of theirs (a deleted message, a cleared chat) stays in force, nameless.
    """
    changed = rooms_of_user(db, name)
    for room_name in changed:
        found = log_of(db, room_name)
        assert found is not None
        for kind in _OWN_KINDS:
            _withdraw(db, found.room, f"{kind}:{name}")
            _blank(db, found.room, f"{kind}:{name}")
            db.execute(
                "DELETE FROM file WHERE room = ? AND owner = ?", (found.room, f"{kind}:{name}")
            )
        _unname(db, found.room, name)
        db.execute("DELETE FROM role WHERE room = ? AND user = ?", (found.room, name))
        db.execute("DELETE FROM invited WHERE room = ? AND user = ?", (found.room, name))
        db.execute("DELETE FROM guest_link WHERE room = ? AND created_by = ?", (found.room, name))
        db.execute(
            "UPDATE room SET epoch = ?, creator = iif(creator = ?, '', creator) WHERE id = ?",
            (new_epoch(), name, found.room),
        )
    return changed


def _withdraw(db: sqlite3.Connection, room: int, principal: str) -> None:
    """Takes somebody out of private conversations."""
    mine = db.execute(
        "SELECT offset, kind, message, author, audience FROM log"
        " WHERE room = ? AND audience IS NOT NULL"
        " AND (author = ? OR EXISTS (SELECT 1 FROM json_each(audience) WHERE value = ?))",
        (room, principal, principal),
    ).fetchall()
    for offset, kind, _, author, audience in mine:
        others = set(msgspec.json.decode(audience, type=list[str])) - {principal}
        if kind != "delete" and (author == principal or others <= {author}):
            db.execute("DELETE FROM log WHERE room = ? AND offset = ?", (room, offset))
        else:
            db.execute(
                "UPDATE log SET audience = ? WHERE room = ? AND offset = ?",
                (_encode(sorted(others)).decode(), room, offset),
            )
    # What was done to a message that is gone goes with it.
    for message in {message for _, _, message, _, _ in mine if message}:
        db.execute(
            "DELETE FROM log WHERE room = ?1 AND message = ?2 AND NOT EXISTS"
            " (SELECT 1 FROM log WHERE room = ?1 AND message = ?2 AND kind = 'message')",
            (room, message),
        )


def _blank(db: sqlite3.Connection, room: int, principal: str) -> None:
    """Leaves of somebody's public events only what others' events stand on."""
    db.execute(
        "DELETE FROM log WHERE room = ? AND author = ? AND kind IN ('reaction', 'vote')",
        (room, principal),
    )
    rows = db.execute(
        "SELECT offset, kind, message, by FROM log WHERE room = ? AND author = ?",
        (room, principal),
    ).fetchall()
    nobody = f"deleted:{secrets.token_urlsafe(9)}"
    for offset, kind, message, by in rows:
        nameless = By("deleted", DELETED_USER, _decode_by(by).kind)
        db.execute(
            "UPDATE log SET author = ?, cid = ?, by = ? WHERE room = ? AND offset = ?",
            (nobody, str(offset), _encode(nameless), room, offset),
        )
        if kind in ("message", "edit"):
            db.execute(
                "UPDATE log SET kind = 'delete', event = ? WHERE room = ? AND offset = ?",
                (_encode(DeleteEvent(message)), room, offset),
            )


def _unname(db: sqlite3.Connection, room: int, user: str) -> None:
    """Takes somebody's user name out of what others have said."""
    rows = db.execute(
        """
        SELECT offset, event FROM log WHERE room = :room AND kind = 'message' AND (
            EXISTS (SELECT 1 FROM json_each(CAST(event AS TEXT), '$.mentions')
                    WHERE json_extract(value, '$.name') = :user)
            OR EXISTS (SELECT 1 FROM json_each(CAST(event AS TEXT), '$.readers')
                       WHERE json_extract(value, '$.name') = :user)
        )
        """,
        {"room": room, "user": user},
    ).fetchall()
    for offset, encoded in rows:
        event = _event_decoder.decode(encoded)
        assert isinstance(event, MessageEvent)
        if event.mentions is not UNSET:
            event.mentions = [one for one in event.mentions if one.name != user] or UNSET
        if event.readers is not UNSET:
            event.readers = [one for one in event.readers if one.name != user]
        db.execute(
            "UPDATE log SET event = ? WHERE room = ? AND offset = ?",
            (_encode(event), room, offset),
        )
