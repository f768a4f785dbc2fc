"""Guest links in SQL: only a digest of each link's token is ever on disk."""

from __future__ import annotations

import sqlite3
from typing import Any

from meetwidget_server.store import GuestLink, NotKept
from meetwidget_server.store.rooms import log_of

_SELECT = """
SELECT link.id, room.name, digest, created_by, link.created_at, expires_at, revoked, uses
FROM guest_link AS link JOIN room ON room.id = link.room
"""


def add(db: sqlite3.Connection, link: GuestLink) -> None:
    """Keeps a new link.

    Raises:
        NotKept: the room is not there.
    """
    found = log_of(db, link.room)
    if found is None:
        raise NotKept("there is no such room")
    db.execute(
        "INSERT INTO guest_link (id, room, digest, created_by, created_at, expires_at, revoked,"
        " uses) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            link.id,
            found.room,
            link.digest,
            link.created_by,
            link.created_at,
            link.expires_at,
            link.revoked,
            link.uses,
        ),
    )


def of_room(db: sqlite3.Connection, room: str) -> list[GuestLink]:
    """Reads a room's links, oldest first, revoked and expired ones too."""
    rows = db.execute(f"{_SELECT} WHERE room.name = ? ORDER BY link.created_at, link.id", (room,))
    return [_link(row) for row in rows]


def by_digest(db: sqlite3.Connection, digest: bytes) -> GuestLink | None:
    """Finds the link of a token."""
    row = db.execute(f"{_SELECT} WHERE digest = ?", (digest,)).fetchone()
    return None if row is None else _link(row)


def revoke(db: sqlite3.Connection, room: str, id_: str) -> bool:
    """Ends a link; false if the room has no such link."""
    changed = db.execute(
        "UPDATE guest_link SET revoked = 1"
        " WHERE id = ? AND room = (SELECT id FROM room WHERE name = ?)",
        (id_, room),
    )
    return changed.rowcount > 0


def count_use(db: sqlite3.Connection, id_: str) -> None:
    """Somebody came by this link."""
    db.execute("UPDATE guest_link SET uses = uses + 1 WHERE id = ?", (id_,))


def _link(row: tuple[Any, ...]) -> GuestLink:
    id_, room, digest, created_by, created_at, expires_at, revoked, uses = row
    return GuestLink(id_, room, digest, created_by, created_at, expires_at, bool(revoked), uses)
