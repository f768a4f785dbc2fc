"""Copies of the log: complete, checked, private, never half, and safe to put back."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.room import History, RoomRecord, Stored
from meetwidget_server.store.backup import BackupFailed, back_up, restore
from meetwidget_server.store.schema import Claim, connect_reader

from tests.unit.server.store_kit import ask, draft, opened, text


async def test_copy_taken_while_writing_has_all_that_was_acknowledged(tmp_path: Path) -> None:
    """Everything answered before the call is in the copy, and the copy has no hole."""
    copy = tmp_path / "copies" / "copy.sqlite"
    async with opened(tmp_path / "log.sqlite", kept=100_000) as store:
        room: RoomRecord = await ask(store.open_room, "a")
        answers: list[Any] = []
        sizes = []
        for turn in range(5):
            for number in range(300):
                entry = draft(text(number, "x" * 500), f"c{turn}-{number}")
                store.append(room, entry, answers.append)
            await store.settle()
            acknowledged = len(answers)
            # These are being written while the copy is taken.
            for number in range(300):
                store.append(room, draft(text(number), f"d{turn}-{number}"), answers.append)
            sizes.append(await store.back_up(copy))
            db = connect_reader(copy)
            offsets = [offset for (offset,) in db.execute("SELECT offset FROM log ORDER BY 1")]
            assert offsets == list(range(1, len(offsets) + 1))
            assert len(offsets) >= acknowledged
            db.close()
        assert all(isinstance(answer, Stored) for answer in answers)
    assert sizes == sorted(sizes)
    assert sizes[-1] == copy.stat().st_size
    assert [path.name for path in copy.parent.iterdir()] == ["copy.sqlite"]


async def test_copy_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    """Whatever the umask, nobody else may read what people said."""
    before = os.umask(0)
    try:
        async with opened(tmp_path / "log.sqlite") as store:
            await ask(store.open_room, "a")
            await store.back_up(tmp_path / "copy.sqlite")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "copy.sqlite").stat().st_mode) == 0o600


async def test_copy_of_a_log_that_no_service_has_open(tmp_path: Path) -> None:
    """The same function works on the file alone, and leaves the log as it was."""
    path, copy = tmp_path / "log.sqlite", tmp_path / "copy.sqlite"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1, "kept"), "c1"))
    assert back_up(path, copy) == copy.stat().st_size
    for one in (path, copy):
        async with opened(one) as store:
            page = await store.history("a", "person:bob", None, 10)
        assert [event.event for event in page.events] == [text(1, "kept")]


def test_failed_copy_leaves_the_older_one(tmp_path: Path) -> None:
    """A log that is no log, or damaged, replaces no good copy and leaves no rest behind."""
    copy = tmp_path / "copies" / "copy.sqlite"
    copy.parent.mkdir()
    copy.write_bytes(b"the older copy")
    no_log = tmp_path / "no.sqlite"
    no_log.write_bytes(b"this is not a database, not at all" * 100)
    other = tmp_path / "other.sqlite"
    db = sqlite3.connect(other)
    db.execute("CREATE TABLE x (y)")
    db.close()
    for path in (no_log, other, tmp_path / "nowhere.sqlite", copy):
        with pytest.raises(BackupFailed):
            back_up(path, copy)
    assert copy.read_bytes() == b"the older copy"
    assert [path.name for path in copy.parent.iterdir()] == ["copy.sqlite"]


async def test_damaged_log_is_not_passed_off_as_a_copy(tmp_path: Path) -> None:
    """Pages that SQLite's check finds wrong make the backup fail."""
    path = tmp_path / "log.sqlite"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        for number in range(200):
            await ask(store.append, room, draft(text(number, "x" * 400), f"c{number}"))
    with path.open("r+b") as file:
        file.seek(4096 * 12)
        file.write(b"\xff" * 4096 * 3)
    with pytest.raises(BackupFailed, match=r"check|malformed"):
        back_up(path, tmp_path / "copy.sqlite")
    assert not (tmp_path / "copy.sqlite").exists()


async def test_copy_replaces_a_log_that_cannot_be_read(tmp_path: Path) -> None:
    """A restore needs nothing of the log it replaces."""
    path, copy = tmp_path / "log.sqlite", tmp_path / "copy.sqlite"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1, "copied"), "c1"))
        await store.back_up(copy)
    path.write_bytes(b"this is not a database, not at all" * 100)
    restore(copy, path)
    async with opened(path) as store:
        page = await store.history("a", "person:bob", None, 10)
    assert [event.event for event in page.events] == [text(1, "copied")]


async def test_restored_log_makes_every_client_start_over(tmp_path: Path) -> None:
    """After a restore the rooms are as they were copied, with new epochs; the newer log is kept."""
    path, copy = tmp_path / "log.sqlite", tmp_path / "copy.sqlite"
    async with opened(path) as store:
        room: RoomRecord = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1, "copied"), "c1"))
        await store.back_up(copy)
        await ask(store.append, room, draft(text(2, "after"), "c2"))
    restore(copy, path)
    async with opened(path) as store:
        again: RoomRecord = await ask(store.open_room, "a")
        caught: History = await ask(store.catch_up, "a", "person:bob", room.epoch, 1)
        kept: Stored = await ask(store.append, again, draft(text(3, "new"), "c3"))
    assert again.epoch != room.epoch
    assert not caught.recovered
    assert [event.event for event in caught.events] == [text(1, "copied")]
    assert kept.offset == 2
    async with opened(path.with_name("log.sqlite.before-restore")) as store:
        page = await store.history("a", "person:bob", None, 10)
    assert [event.event for event in page.events] == [text(1, "copied"), text(2, "after")]


async def test_log_in_use_is_not_restored(tmp_path: Path) -> None:
    """While a service has claimed the log nothing is put in its place."""
    path, copy = tmp_path / "log.sqlite", tmp_path / "copy.sqlite"
    claim = Claim(path)
    async with opened(path) as store:
        await ask(store.open_room, "a")
        await store.back_up(copy)
        before = path.stat().st_ino
        with pytest.raises(BackupFailed, match="in use"):
            await asyncio.to_thread(restore, copy, path)
        assert path.stat().st_ino == before
    claim.release()
