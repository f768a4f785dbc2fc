"""What a room remembers, its guest links, and files of the format before."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from meetwidget_server.room import RoomRecord, Stored
from meetwidget_server.store import GuestLink, NotKept
from meetwidget_server.store.schema import SCHEMA_VERSION

from tests.unit.server.store_kit import ask, draft, opened, text

FORMAT_1 = """
CREATE TABLE room (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    epoch TEXT NOT NULL,
    offset INTEGER NOT NULL DEFAULT 0,
    title TEXT NOT NULL,
    locked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE role (
    room INTEGER NOT NULL REFERENCES room (id),
    user TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (room, user)
) WITHOUT ROWID;
CREATE TABLE log (
    room INTEGER NOT NULL REFERENCES room (id),
    offset INTEGER NOT NULL,
    at INTEGER NOT NULL,
    author TEXT NOT NULL,
    cid TEXT NOT NULL,
    kind TEXT NOT NULL,
    message TEXT,
    by BLOB NOT NULL,
    event BLOB NOT NULL,
    audience TEXT,
    PRIMARY KEY (room, offset),
    UNIQUE (room, author, cid)
) WITHOUT ROWID;
CREATE INDEX log_message ON log (room, message);
CREATE INDEX log_clear ON log (room, offset) WHERE kind = 'clear';
INSERT INTO room (name, epoch, offset, title, locked) VALUES ('a', 'old-epoch', 1, 'Lab', 1);
INSERT INTO role VALUES (1, 'ada', 'owner');
INSERT INTO log VALUES (1, 1, 7, 'person:ada', 'c1', 'message', 'm1',
    CAST('{"id":"p1","user":{"name":"ada","display_name":"Ada","initials":"A","color":"#111111"},"kind":"person"}' AS BLOB),
    CAST('{"kind":"message","id":"m1","body":"old words"}' AS BLOB), NULL);
PRAGMA user_version = 1;
"""
"""A log as version 0.1.0 made it, word by word."""


def link(number: int, room: str = "a", at: int = 5) -> GuestLink:
    return GuestLink(f"l{number}", room, bytes([number]) * 32, "ada", at, at + 1000)


async def test_log_of_version_0_1_opens_with_everything_in_it(tmp_path: Path) -> None:
    """A file of the old format keeps its rooms, roles and words, and goes on as the new one."""
    path = tmp_path / "log.sqlite"
    db = sqlite3.connect(path)
    db.executescript(FORMAT_1)
    db.close()
    async with opened(path) as store:
        room: RoomRecord = await ask(store.open_room, "a")
        page = await store.history("a", "person:bob", None, 10)
        kept: Stored = await ask(store.append, room, draft(text(2), "c2"))
        await store.add_guest_link(link(1))
    assert room == RoomRecord("a", "old-epoch", 1, "Lab", True, {"ada": "owner"}, "open", set(), "")
    assert [event.event for event in page.events] == [text(1, "old words")]
    assert kept.offset == 2
    db = sqlite3.connect(path)
    assert db.execute("PRAGMA user_version").fetchone() == (SCHEMA_VERSION,)
    db.close()
    async with opened(path) as store:
        assert await store.guest_links("a") == [link(1)]


async def test_access_creator_and_invitations_outlive_the_process(tmp_path: Path) -> None:
    """What decides who comes in is there after the file was closed; a withdrawn one is not."""
    path = tmp_path / "log.sqlite"
    async with opened(path) as store:
        room: RoomRecord = await ask(store.open_room, "a")
        room.access, room.creator, room.invited = "private", "ada", {"bob", "eve"}
        assert await ask(store.save_room, room) is None
        room.invited = {"bob"}
        assert await ask(store.save_room, room) is None
    async with opened(path) as store:
        again = await store.find("a")
        assert again == await ask(store.open_room, "a")
    assert again is not None
    assert (again.access, again.creator, again.invited) == ("private", "ada", {"bob"})


async def test_find_makes_nothing_and_sees_what_was_asked_before(tmp_path: Path) -> None:
    """A room that nobody opened is none; one that was just opened is there."""
    async with opened(tmp_path / "log.sqlite") as store:
        assert await store.find("a") is None
        assert await store.rooms() == []
        store.open_room("a", lambda _: None)
        found = await store.find("a")
    assert found is not None
    assert found.name == "a"


async def test_find_in_a_log_that_cannot_be_read_is_no_answer(tmp_path: Path) -> None:
    """Whether a room exists is not guessed: NotKept, never None."""
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"this is not a database, not at all" * 100)
    async with opened(path) as store:
        with pytest.raises(NotKept):
            await store.find("a")
        with pytest.raises(NotKept):
            await store.guest_link(bytes(32))


async def test_guest_links_are_found_counted_and_revoked(tmp_path: Path) -> None:
    """A link is found by its digest only, belongs to one room, and stays revoked."""
    path = tmp_path / "log.sqlite"
    async with opened(path) as store:
        for name in ("a", "b"):
            await ask(store.open_room, name)
        for one in (link(2, at=9), link(1), link(3, "b")):
            await store.add_guest_link(one)
        await store.count_use("l1")
        await store.count_use("l1")
        assert not await store.revoke_guest_link("b", "l1")
        assert await store.revoke_guest_link("a", "l1")
        with pytest.raises(NotKept):
            await store.add_guest_link(link(4, "nowhere"))
    async with opened(path) as store:
        first, second = await store.guest_links("a")
        assert second == link(2, at=9)
        assert (first.id, first.uses, first.revoked) == ("l1", 2, True)
        assert await store.guest_link(first.digest) == first
        assert await store.guest_link(bytes(32)) is None
        assert [one.id for one in await store.guest_links("b")] == ["l3"]
