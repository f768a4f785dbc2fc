"""Everything the log holds of and about one user, as they may ask for it."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

import msgspec

_MINE = """
SELECT room.name, log.offset, log.at, log.author, log.kind, log.event, log.audience IS NOT NULL
FROM log JOIN room ON room.id = log.room
WHERE log.room IN (SELECT id FROM room) AND log.author IN (?, ?)
ORDER BY room.name, log.offset
"""
_TO_ME = """
SELECT room.name, log.offset, log.at, log.by, log.event
FROM log JOIN room ON room.id = log.room
WHERE log.audience IS NOT NULL AND log.author NOT IN (?1, ?2)
AND EXISTS (SELECT 1 FROM json_each(log.audience) WHERE value IN (?1, ?2))
ORDER BY room.name, log.offset
"""
_FILES = """
SELECT room.name, file.id, file.name, file.type, file.size, file.at, file.message
FROM file JOIN room ON room.id = file.room
WHERE file.owner IN (?, ?) ORDER BY room.name, file.at, file.id
"""


def export_user(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Returns what a JSON file of a user's data holds; times are ISO 8601, UTC."""
    selves = (f"person:{name}", f"kernel:{name}")
    said: list[dict[str, Any]] = []
    reactions: list[dict[str, Any]] = []
    votes: list[dict[str, Any]] = []
    for room, offset, at, author, kind, event, private in db.execute(_MINE, selves):
        entry = {
            "room": room,
            "offset": offset,
            "at": _time(at),
            "as": author.partition(":")[0],
            "private": bool(private),
            "event": msgspec.json.decode(event),
        }
        {"reaction": reactions, "vote": votes}.get(kind, said).append(entry)
    received = [
        {
            "room": room,
            "offset": offset,
            "at": _time(at),
            "from": msgspec.json.decode(by)["user"]["display_name"],
            "event": msgspec.json.decode(event),
        }
        for room, offset, at, by, event in db.execute(_TO_ME, selves)
    ]
    return {
        "user": name,
        "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "messages": said,
        "reactions": reactions,
        "votes": votes,
        "private_messages_received": received,
        "files": [
            {
                "room": room,
                "id": id_,
                "name": file_name,
                "type": type_,
                "size": size,
                "at": _time(at),
                "message": message,
            }
            for room, id_, file_name, type_, size, at, message in db.execute(_FILES, selves)
        ],
        "roles": dict(
            db.execute(
                "SELECT room.name, role FROM role JOIN room ON room.id = role.room"
                " WHERE user = ? ORDER BY room.name",
                (name,),
            )
        ),
        "invitations": _column(
            db,
            "SELECT room.name FROM invited JOIN room ON room.id = invited.room"
            " WHERE user = ? ORDER BY room.name",
            name,
        ),
        "rooms_created": [
            {"room": room, "at": _time(at)}
            for room, at in db.execute(
                "SELECT name, created_at FROM room WHERE creator = ? ORDER BY name", (name,)
            )
        ],
        "guest_links": [
            {
                "room": room,
                "id": id_,
                "created_at": _time(created),
                "expires_at": _time(expires),
                "revoked": bool(revoked),
                "uses": uses,
            }
            for room, id_, created, expires, revoked, uses in db.execute(
                "SELECT room.name, link.id, link.created_at, expires_at, revoked, uses"
                " FROM guest_link AS link JOIN room ON room.id = link.room"
                " WHERE created_by = ? ORDER BY room.name, link.created_at",
                (name,),
            )
        ],
    }


def _column(db: sqlite3.Connection, query: str, name: str) -> list[str]:
    return [value for (value,) in db.execute(query, (name,))]


def _time(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
