"""Files in SQL: who uploaded them, what they are, and with which message they go.

Their content lies beside the database (:mod:`.folder`). A file belongs to its uploader until it
goes with a message; from then on whoever may read the message may read the file, and it is gone
when the message is.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import msgspec
from msgspec import UNSET

from meetwidget.wire.log import LogEvent, MessageEvent
from meetwidget.wire.values import By, FileRef
from meetwidget_server.store import FileLimits, FileRefused, KeptFile, NewFile, NotKept
from meetwidget_server.store.rooms import log_of

MAX_LOOSE = 50
"""Files of one user in one room that may wait to go with a message."""
_COLUMNS = "file.id, file.name, file.type, file.size, file.width, file.height"
_decode_by = msgspec.json.Decoder(By).decode
_event_decoder: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)


def add(db: sqlite3.Connection, new: NewFile, limits: FileLimits) -> None:
    """Keeps a new file, which goes with no message yet.

    Raises:
        FileRefused: there is no space for it.
        NotKept: the room is not there.
    """
    found = log_of(db, new.room)
    if found is None:
        raise NotKept("there is no such room")
    check_space(db, new.room, new.owner, new.ref.size, limits)
    ref = new.ref
    db.execute(
        "INSERT INTO file (id, room, owner, at, name, type, size, width, height)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            ref.id,
            found.room,
            new.owner,
            new.at,
            ref.name,
            ref.type,
            ref.size,
            None if ref.width is UNSET else ref.width,
            None if ref.height is UNSET else ref.height,
        ),
    )


def check_space(
    db: sqlite3.Connection, room: str, owner: str, size: int, limits: FileLimits
) -> None:
    """Refuses a file that there is no space for.

    Raises:
        FileRefused: says what is full.
    """
    (in_all,) = db.execute("SELECT coalesce(sum(size), 0) FROM file").fetchone()
    (in_room, loose) = db.execute(
        "SELECT coalesce(sum(size), 0), count(*) FILTER (WHERE owner = ? AND message IS NULL)"
        " FROM file WHERE room = (SELECT id FROM room WHERE name = ?)",
        (owner, room),
    ).fetchone()
    if size > limits.file_bytes:
        raise FileRefused("too-large", too_large(limits.file_bytes))
    if in_room + size > limits.room_bytes:
        raise FileRefused(
            "room-full",
            f"The files of this room may have {amount(limits.room_bytes)} together, and this one"
            " is too much: delete messages with files that nobody needs any more.",
        )
    if in_all + size > limits.total_bytes:
        raise FileRefused(
            "store-full",
            "This server has no more space for files: ask its administrator for more.",
        )
    if loose >= MAX_LOOSE:
        raise FileRefused(
            "too-many", "You have uploaded many files that go with no message: send them first."
        )


def too_large(most: int) -> str:
    """Returns the sentence for a file that is larger than any may be."""
    return f"The file is larger than {amount(most)}, the most a file may have here."


def amount(size: int) -> str:
    """Returns bytes for people, in the units that limits are set in."""
    for unit, name in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
        if size >= unit:
            return f"{size / unit:.3g} {name}"
    return f"{size} bytes"


def refs(
    db: sqlite3.Connection, room: str, owner: str, cid: str, ids: list[str]
) -> list[FileRef] | None:
    """Describes files that ``owner`` uploaded and that go with no message yet, in this order.

    A message that is sent again (known by ``cid``) has the files that it had.
    """
    found = log_of(db, room)
    if found is None:
        return None
    sent = db.execute(
        "SELECT event FROM log WHERE room = ? AND author = ? AND cid = ?", (found.room, owner, cid)
    ).fetchone()
    if sent is not None:
        event = _event_decoder.decode(sent[0])
        kept = isinstance(event, MessageEvent) and event.files is not UNSET
        return list(event.files) if kept else []  # type: ignore[union-attr, arg-type]
    described = []
    for id_ in ids:
        row = db.execute(
            f"SELECT {_COLUMNS} FROM file"  # noqa: S608 - our names
            " WHERE id = ? AND room = ? AND owner = ? AND message IS NULL",
            (id_, found.room, owner),
        ).fetchone()
        if row is None:
            return None
        described.append(_ref(row))
    return described if len(set(ids)) == len(ids) else None


def attach(db: sqlite3.Connection, room: int, owner: str, event: MessageEvent) -> None:
    """Lets files go with a message that is about to be kept.

    Raises:
        NotKept: one of them is gone, or went with another message meanwhile.
    """
    if event.files is UNSET:
        return
    ids = msgspec.json.encode([file.id for file in event.files]).decode()
    marks = (room, owner, ids)
    chosen = "room = ? AND owner = ? AND message IS NULL AND id IN (SELECT value FROM json_each(?))"
    (free,) = db.execute(f"SELECT count(*) FROM file WHERE {chosen}", marks).fetchone()  # noqa: S608
    if free != len(event.files):
        raise NotKept("a file of the message is not there any more")
    db.execute(f"UPDATE file SET message = ? WHERE {chosen}", (event.id, *marks))  # noqa: S608


def find(db: sqlite3.Connection, room: str, reader: str, id_: str) -> FileRef | None:
    """Finds a file that ``reader`` may read."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM file"  # noqa: S608 - our names
        " JOIN room ON room.id = file.room"
        " LEFT JOIN log INDEXED BY log_message ON log.room = file.room AND log.message = file.message"
        "  AND log.kind = 'message'"
        " WHERE file.id = :id AND room.name = :room AND ("
        "  (file.message IS NULL AND file.owner = :reader) OR (log.offset IS NOT NULL AND ("
        "   log.audience IS NULL OR log.author = :reader OR EXISTS"
        "   (SELECT 1 FROM json_each(log.audience) WHERE value = :reader))))",
        {"id": id_, "room": room, "reader": reader},
    ).fetchone()
    return None if row is None else _ref(row)


def of_room(db: sqlite3.Connection, room: str, reader: str) -> list[KeptFile]:
    """Lists the files of a room that go with a message ``reader`` may read, oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS}, file.message, log.by, log.at FROM file"  # noqa: S608 - our names
        " JOIN room ON room.id = file.room"
        " JOIN log INDEXED BY log_message ON log.room = file.room AND log.message = file.message"
        "  AND log.kind = 'message'"
        " WHERE room.name = :room AND ("
        "  log.audience IS NULL OR log.author = :reader OR EXISTS"
        "  (SELECT 1 FROM json_each(log.audience) WHERE value = :reader))"
        " ORDER BY log.offset, file.at, file.id",
        {"room": room, "reader": reader},
    )
    return [KeptFile(_ref(row[:6]), row[6], _decode_by(row[7]), row[8]) for row in rows]


def of_user(db: sqlite3.Connection, name: str, id_: str) -> FileRef | None:
    """Finds a file that a user or their kernels have uploaded, wherever."""
    row = db.execute(
        f"SELECT {_COLUMNS} FROM file WHERE id = ? AND owner IN (?, ?)",  # noqa: S608 - our names
        (id_, f"person:{name}", f"kernel:{name}"),
    ).fetchone()
    return None if row is None else _ref(row)


def forget_loose(db: sqlite3.Connection, before: int) -> int:
    """Forgets files uploaded before a time (ms since 1970) that went with no message."""
    return db.execute("DELETE FROM file WHERE message IS NULL AND at < ?", (before,)).rowcount


def detach(db: sqlite3.Connection, room: int, message: str | None = None) -> None:
    """Forgets the files of a message, or (``None``) of all messages of a room."""
    if message is None:
        db.execute("DELETE FROM file WHERE room = ? AND message IS NOT NULL", (room,))
    else:
        db.execute("DELETE FROM file WHERE room = ? AND message = ?", (room, message))


def gone(db: sqlite3.Connection) -> list[str]:
    """Lists the files whose content is to be removed."""
    return [id_ for (id_,) in db.execute("SELECT id FROM gone_file")]


def removed(db: sqlite3.Connection, ids: list[str]) -> None:
    """Notes that content was removed."""
    db.executemany("DELETE FROM gone_file WHERE id = ?", [(id_,) for id_ in ids])


def bytes_kept(db: sqlite3.Connection) -> int:
    """Returns the size of all files together."""
    (size,) = db.execute("SELECT coalesce(sum(size), 0) FROM file").fetchone()
    return int(size)


def _ref(row: tuple[Any, ...]) -> FileRef:
    id_, name, type_, size, width, height = row
    ref = FileRef(id_, name, type_, size)
    if width is not None:
        ref.width, ref.height = width, height
    return ref
