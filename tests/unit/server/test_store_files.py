"""Files in the store: whose they are, how long they stay, and how much of them there may be."""

from __future__ import annotations

import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.room import RoomRecord, Stored
from meetwidget_server.store import FileLimits, FileRefused, NewFile, NotKept
from meetwidget_server.store.backup import back_up, restore
from meetwidget_server.store.files import MAX_LOOSE
from meetwidget_server.store.folder import folder_of, new_file_id
from meetwidget_server.store.sqlite import SQLiteStore

from meetwidget.wire.log import ClearEvent, DeleteEvent, MessageEvent
from meetwidget.wire.values import FileRef
from tests.unit.server.store_kit import ask, draft, opened

MB = 1024 * 1024
LIMITS = FileLimits(MB, 3 * MB, 5 * MB)
TO_BOB = frozenset({"person:ada", "person:bob"})


def now() -> int:
    return round(time.time() * 1000)


async def add(
    store: SQLiteStore,
    content: bytes = b"content",
    room: str = "a",
    owner: str = "person:ada",
    at: int | None = None,
    size: int | None = None,
) -> FileRef:
    """Uploads a file, which may pretend to be larger than it is."""
    ref = FileRef(new_file_id(), "a.txt", "text/plain", len(content) if size is None else size)
    path = store.unfinished_file()
    path.write_bytes(content)
    await store.add_file(NewFile(room, owner, now() if at is None else at, ref), path)
    return ref


async def send(
    store: SQLiteStore, room: RoomRecord, id_: str, *refs: FileRef, **more: Any
) -> Stored | NotKept:
    event = MessageEvent(id_, "", files=list(refs))
    answer: Stored | NotKept = await ask(store.append, room, draft(event, id_, **more))
    return answer


def kept(path: Path) -> set[str]:
    folder = folder_of(path)
    return {file.name for file in folder.iterdir()} if folder.exists() else set()


async def test_only_the_uploader_sends_a_file_and_once(tmp_path: Path) -> None:
    """Others' files, those of other rooms and those that went already are not to be sent."""
    async with opened(tmp_path / "log.sqlite", files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        other = await ask(store.open_room, "b")
        one, two = await add(store), await add(store)

        async def refs(name: str, owner: str, cid: str, *ids: str) -> Any:
            return await ask(store.file_refs, name, owner, cid, list(ids))

        assert await refs("a", "person:ada", "c", two.id, one.id) == [two, one]
        assert await refs("a", "person:bob", "c", one.id) is None
        assert await refs("b", "person:ada", "c", one.id) is None
        assert await refs("a", "person:ada", "c", one.id, one.id) is None
        assert await refs("a", "person:ada", "c", one.id, "nothing") is None
        assert isinstance(await send(store, room, "m1", one), Stored)
        assert await refs("a", "person:ada", "c", one.id) is None
        assert await refs("a", "person:ada", "m1", one.id) == [one]
        assert isinstance(await send(store, room, "m2", one), NotKept)
        assert isinstance(await send(store, other, "m3", two), NotKept)
        assert (await store.history("a", "person:ada", None, 9)).events[-1].event.id == "m1"  # type: ignore[union-attr]
        again = await send(store, room, "m1", one)
        assert isinstance(again, Stored)
        assert again.duplicate


async def test_who_may_read_a_file(tmp_path: Path) -> None:
    """Its uploader before it is sent, then the readers of its message."""
    async with opened(tmp_path / "log.sqlite", files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        await ask(store.open_room, "b")
        loose, public, private = [await add(store) for _ in range(3)]
        await send(store, room, "m1", public)
        await send(store, room, "m2", private, to=TO_BOB)

        async def readable(reader: str) -> list[bool]:
            return [
                await store.file("a", f"person:{reader}", ref.id) is not None
                for ref in (loose, public, private)
            ]

        assert await readable("ada") == [True, True, True]
        assert await readable("bob") == [False, True, True]
        assert await readable("eve") == [False, True, False]
        assert await store.file("b", "person:ada", public.id) is None
        assert await store.file("a", "person:ada", "../../etc/passwd") is None
        listed = await store.files("a", "person:eve")
        assert [(file.ref, file.message, file.by.user.name) for file in listed] == [
            (public, "m1", "ada")
        ]
        found = await store.file("a", "person:eve", public.id)
        assert found is not None
        assert found[1].read_bytes() == b"content"


async def test_space_is_limited_in_three_ways(tmp_path: Path) -> None:
    """A file, a room and the whole store each have a limit; what is refused leaves nothing."""
    path = tmp_path / "log.sqlite"
    async with opened(path, files=LIMITS) as store:
        for name in ("a", "b", "c"):
            await ask(store.open_room, name)
        await add(store, size=MB)
        with pytest.raises(FileRefused) as refused:
            await add(store, size=MB + 1)
        assert refused.value.code == "too-large"
        await add(store, size=MB)
        await add(store, size=MB)
        with pytest.raises(FileRefused) as refused:
            await add(store, size=1)
        assert refused.value.code == "room-full"
        await add(store, room="b", size=MB)
        await add(store, room="b", size=MB)
        with pytest.raises(FileRefused) as refused:
            await store.check_space("c", "person:ada", 1)
        assert refused.value.code == "store-full"
        assert len(kept(path)) == 5
        assert store.file_bytes() == 5 * MB
        with pytest.raises(NotKept):
            await add(store, room="nowhere")
        assert len(kept(path)) == 5


async def test_unsent_files_are_not_piled_up(tmp_path: Path) -> None:
    """Who uploads and sends nothing is stopped before the room is full."""
    async with opened(tmp_path / "log.sqlite", files=LIMITS) as store:
        await ask(store.open_room, "a")
        for _ in range(MAX_LOOSE):
            await add(store, b"x")
        with pytest.raises(FileRefused) as refused:
            await add(store, b"x")
        assert refused.value.code == "too-many"
        await add(store, b"x", owner="person:bob")


async def test_file_that_was_never_sent_is_removed_after_an_hour(tmp_path: Path) -> None:
    """So is what an interrupted upload left; what was sent stays."""
    path = tmp_path / "log.sqlite"
    hour = 60 * 60 * 1000
    async with opened(path, files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        old, sent = await add(store, at=now() - 2 * hour), await add(store, at=now() - 2 * hour)
        young = await add(store)
        await send(store, room, "m1", sent)
        store.unfinished_file().write_bytes(b"half")
        assert len(kept(path)) == 4
    async with opened(path, files=LIMITS) as store:
        await store.settle()
        await ask(store.open_room, "a")
        assert await store.file("a", "person:ada", old.id) is None
    assert kept(path) == {sent.id, young.id}


@pytest.mark.parametrize("way", ["delete", "clear", "trim", "prune", "erase-user", "erase-room"])
async def test_file_goes_when_its_message_goes(tmp_path: Path, way: str) -> None:
    """By whichever way a message leaves the log, its file leaves the disk."""
    path = tmp_path / "log.sqlite"
    async with opened(path, kept=3, files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        ref = await add(store, b"unmistakable")
        await send(store, room, "m1", ref)
        mine = await add(store, owner="person:bob")
        await send(store, room, "m2", mine, author="bob")
        assert kept(path) == {ref.id, mine.id}
        left = {mine.id}
        if way == "delete":
            await ask(store.append, room, draft(DeleteEvent("m1"), "d"))
        elif way == "clear":
            await ask(store.append, room, draft(ClearEvent(), "d"))
            left = set()
        elif way == "trim":
            for number in range(2):
                event = MessageEvent(f"x{number}", "x")
                await ask(store.append, room, draft(event, f"x{number}", at=now()))
        elif way == "prune":
            await store.prune(1)
            left = set()
        elif way == "erase-user":
            await store.erase_user("ada")
        else:
            await store.erase_room("a")
            left = set()
        await store.settle()
        assert kept(path) == left
        assert b"unmistakable" not in on_disk_of_all(tmp_path)
        if way != "erase-room":
            assert await store.file("a", "person:ada", ref.id) is None


def on_disk_of_all(folder: Path) -> bytes:
    return b"".join(file.read_bytes() for file in folder.rglob("*") if file.is_file())


async def test_names_of_files_are_found_and_forgotten(tmp_path: Path) -> None:
    """A search finds a file by its name, until its message is deleted."""
    async with opened(tmp_path / "log.sqlite", files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        ref = await add(store)
        ref.name = "measurements.csv"
        event = MessageEvent("m1", "", files=[ref])
        await ask(store.append, room, draft(event, "c1"))
        hits = await store.search("a", "person:eve", "measurements", None, 5)
        assert [hit.id for hit in hits.hits] == ["m1"]
        await ask(store.append, room, draft(DeleteEvent("m1"), "c2"))
        assert b"measurements" not in on_disk_of_all(tmp_path)


async def test_copy_has_the_files_and_goes_back(tmp_path: Path) -> None:
    """A copy taken anew has what there is now; put back, every file has its content again."""
    path, copy = tmp_path / "log.sqlite", tmp_path / "copies" / "copy.sqlite"
    async with opened(path, files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        one, two = await add(store, b"one"), await add(store, b"two")
        await send(store, room, "m1", one)
        await send(store, room, "m2", two)
        await store.back_up(copy)
        assert kept(copy) == {one.id, two.id}
        await ask(store.append, room, draft(DeleteEvent("m1"), "d"))
        three = await add(store, b"three")
        await send(store, room, "m3", three)
        size = await store.back_up(copy)
        assert kept(copy) == {two.id, three.id}
        assert size == copy.stat().st_size + len(b"two") + len(b"three")
        for file in folder_of(copy).iterdir():
            assert file.stat().st_mode & 0o077 == 0
        await ask(store.append, room, draft(ClearEvent(), "clear"))
    assert kept(path) == set()
    restore(copy, path)
    async with opened(path, files=LIMITS) as store:
        found = await store.file("a", "person:eve", two.id)
        assert found is not None
        assert found[1].read_bytes() == b"two"
    restore(copy, path)  # what was there is kept beside it, once more
    assert kept(tmp_path / "log.sqlite.before-restore") == {two.id, three.id}
    shutil.rmtree(folder_of(copy))
    assert back_up(path, copy) > 0
    assert kept(copy) == {two.id, three.id}


async def test_what_is_kept_of_a_user_tells_their_files(tmp_path: Path) -> None:
    """Each with its room, name, type, size and message."""
    async with opened(tmp_path / "log.sqlite", files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        ref = await add(store)
        await send(store, room, "m1", ref)
        (file,) = (await store.export_user("ada"))["files"]
        assert (file["room"], file["id"], file["name"]) == ("a", ref.id, "a.txt")
        assert (file["size"], file["message"]) == (ref.size, "m1")
        assert (await store.export_user("bob"))["files"] == []
        assert await store.rooms_of_user("ada") == ["a"]


async def test_content_that_cannot_be_removed_now_is_removed_later(tmp_path: Path) -> None:
    """What a transaction forgot and the disk still has goes with the next chance."""
    path = tmp_path / "log.sqlite"
    async with opened(path, files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        ref = await add(store)
        await send(store, room, "m1", ref)
    # As if the process had been killed between the commit and the removal.
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("INSERT INTO gone_file SELECT id FROM file")
    db.execute("DELETE FROM file")
    db.close()
    assert kept(path) == {ref.id}
    async with opened(path, files=LIMITS) as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(MessageEvent("m2", "x"), "c2"))
    assert kept(path) == set()
