"""The log: offsets, idempotency, privacy, erasure, retention, and what happens without a disk."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from meetwidget_server.room import History, RoomRecord, Stored
from meetwidget_server.store import NotKept, log, pages
from meetwidget_server.store.rooms import open_room
from meetwidget_server.store.schema import STEPS, Claim, connect, know_text

from meetwidget.wire.control import ClearEvent, DeleteEvent, EditEvent, ReactionEvent
from tests.unit.server.store_kit import ask, draft, on_disk, opened, text


async def test_offsets_are_dense_from_one_in_each_room(tmp_path: Path) -> None:
    """Two rooms written in turn each count 1, 2, 3."""
    async with opened(tmp_path / "log.sqlite") as store:
        rooms = [await ask(store.open_room, name) for name in ("a", "b/c")]
        offsets: dict[str, list[int]] = {"a": [], "b/c": []}
        for number in range(3):
            for room in rooms:
                stored = await ask(store.append, room, draft(text(number), f"c{number}"))
                offsets[room.name].append(stored.offset)
    assert offsets == {"a": [1, 2, 3], "b/c": [1, 2, 3]}


async def test_epoch_roles_and_lock_outlive_the_process(tmp_path: Path) -> None:
    """What a room remembers is there after the file was closed and opened again."""
    path = tmp_path / "deep" / "down" / "log.sqlite"
    async with opened(path) as store:
        first: RoomRecord = await ask(store.open_room, "a")
        first.roles["ada"] = "owner"
        first.locked = True
        first.title = "Lab"
        assert await ask(store.save_room, first) is None
        await ask(store.append, first, draft(text(1), "c1"))
    async with opened(path) as store:
        again: RoomRecord = await ask(store.open_room, "a")
        assert [record.name for record in await store.rooms()] == ["a"]
    assert (again.epoch, again.offset) == (first.epoch, 1)
    assert (again.title, again.locked, again.roles) == ("Lab", True, {"ada": "owner"})


async def test_resend_is_found_by_its_cid_even_after_a_restart(tmp_path: Path) -> None:
    """The same author's cid makes one event, with the first one's id, offset and time."""
    path = tmp_path / "log.sqlite"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        first: Stored = await ask(store.append, room, draft(text(1), "c1", at=7))
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        second: Stored = await ask(store.append, room, draft(text(2, "other"), "c1", at=9))
        other: Stored = await ask(store.append, room, draft(text(3), "c1", author="bob"))
        page = await store.history("a", "person:ada", None, 10)
    assert (second.offset, second.at, second.event, second.duplicate) == (1, 7, first.event, True)
    assert not other.duplicate
    assert [event.offset for event in page.events] == [1, 2]


async def test_catch_up_gives_all_since_or_says_that_it_cannot(tmp_path: Path) -> None:
    """Same epoch and a known offset recover; anything else starts over with the newest."""
    async with opened(tmp_path / "log.sqlite", kept=5) as store:
        room = await ask(store.open_room, "a")
        for number in range(8):
            await ask(store.append, room, draft(text(number), f"c{number}"))

        async def since(epoch: str | None, after: int | None) -> tuple[bool, list[int]]:
            answer: History = await ask(store.catch_up, "a", "person:ada", epoch, after)
            assert (answer.epoch, answer.offset) == (room.epoch, 8)
            return answer.recovered, [event.offset for event in answer.events]

        assert await since(room.epoch, 8) == (True, [])
        assert await since(room.epoch, 6) == (True, [7, 8])
        assert await since(room.epoch, 3) == (True, [4, 5, 6, 7, 8])
        # 1 to 3 are trimmed, 9 never was, and another epoch's offsets mean nothing here.
        for epoch, after in (
            (room.epoch, 2),
            (room.epoch, 9),
            ("other", 8),
            (None, None),
        ):
            assert await since(epoch, after) == (False, [4, 5, 6, 7, 8])


async def test_newcomer_sees_what_was_answered_before(tmp_path: Path) -> None:
    """A catch-up asked for between two appends holds exactly the first."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        order: list[Any] = []
        done = asyncio.Event()
        store.append(room, draft(text(1), "c1"), order.append)
        store.catch_up("a", "person:ada", None, None, order.append)
        store.append(room, draft(text(2), "c2"), lambda answer: (order.append(answer), done.set()))
        await done.wait()
    assert [type(answer) for answer in order] == [Stored, History, Stored]
    assert [event.offset for event in order[1].events] == [1]


async def test_private_messages_reach_only_author_and_audience(tmp_path: Path) -> None:
    """Neither history nor catch-up shows a private message to somebody else."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1), "c1"))
        await ask(store.append, room, draft(text(2), "c2", to=frozenset({"person:bob"})))
        seen = {}
        for reader in ("person:ada", "person:bob", "person:eve", "kernel:bob"):
            page = await store.history("a", reader, None, 10)
            caught: History = await ask(store.catch_up, "a", reader, room.epoch, 0)
            assert caught.events == page.events
            assert caught.recovered
            assert caught.offset == 2
            seen[reader] = [event.offset for event in page.events]
        facts = await ask(store.facts, "a", "m2")
    assert seen == {
        "person:ada": [1, 2],
        "person:bob": [1, 2],
        "person:eve": [1],
        "kernel:bob": [1],
    }
    assert (facts.author, facts.audience) == ("person:ada", frozenset({"person:bob"}))


async def test_delete_takes_the_words_out_of_the_file(tmp_path: Path) -> None:
    """After a delete neither body, data nor edits can be found in the database's files."""
    path = tmp_path / "log.sqlite"
    secret, secret2, secret3 = "s3cretWord", "s3cretData", "s3cretEdit"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        message = text(1, secret, data={"text/plain": secret2})
        await ask(store.append, room, draft(message, "c1"))
        await ask(store.append, room, draft(EditEvent("m1", secret3), "c2"))
        await ask(store.append, room, draft(DeleteEvent("m1"), "c3"))
        page = await store.history("a", "person:ada", None, 10)
        assert (await ask(store.facts, "a", "m1")).deleted
        assert [event.offset for event in page.events] == [1, 2, 3]
        assert page.events[0].event == text(1, "")
        for word in (secret, secret2, secret3):
            assert word.encode() not in on_disk(tmp_path)


async def test_clear_hides_and_erases_what_was_before(tmp_path: Path) -> None:
    """After a clear, newcomers and history start at it; who was there learns of it."""
    path = tmp_path / "log.sqlite"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1, "s3cretWord"), "c1"))
        await ask(store.append, room, draft(ClearEvent(), "c2"))
        await ask(store.append, room, draft(text(3), "c3"))
        page = await store.history("a", "person:ada", None, 10)
        caught: History = await ask(store.catch_up, "a", "person:ada", room.epoch, 1)
        assert (await ask(store.facts, "a", "m1")).deleted
        assert not (await ask(store.facts, "a", "m3")).deleted
    assert [event.offset for event in page.events] == [2, 3]
    assert not page.more
    assert caught.recovered
    assert [event.offset for event in caught.events] == [2, 3]
    assert b"s3cretWord" not in on_disk(tmp_path)


async def test_facts_of_a_message_nobody_wrote(tmp_path: Path) -> None:
    """An unknown id, an unknown room, and the id of a reaction are all no message."""
    async with opened(tmp_path / "log.sqlite") as store:
        assert await ask(store.facts, "a", "m1") is None
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(ReactionEvent("m9", "x", True), "c1"))
        assert await ask(store.facts, "a", "m9") is None


async def test_large_data_makes_shorter_pages(tmp_path: Path) -> None:
    """A page never holds more than its bytes, always something, and says that there is more."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        large = {"text/plain": "x" * 1_000_000}
        for number in range(10):
            await ask(store.append, room, draft(text(number, data=large), f"c{number}"))
        caught: History = await ask(store.catch_up, "a", "person:ada", room.epoch, 0)
        offsets: list[int] = []
        before = None
        more = True
        while more:
            page = await store.history("a", "person:ada", before, 500)
            assert sum(len(repr(event)) for event in page.events) <= pages.MAX_PAGE_BYTES
            offsets = [event.offset for event in page.events] + offsets
            before, more = page.events[0].offset, page.more
    assert not caught.recovered
    assert [event.offset for event in caught.events] == [7, 8, 9, 10]
    assert offsets == list(range(1, 11))


@settings(max_examples=25, deadline=None)
@given(
    count=st.integers(0, 30),
    limit=st.integers(1, 12),
    private=st.sets(st.integers(1, 30)),
)
def test_pages_join_to_the_log(count: int, limit: int, private: set[int]) -> None:
    """Walking back page by page gives every visible event once and in order."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    try:
        know_text(db)
        db.executescript("".join(STEPS))
        epoch = open_room(db, "a").epoch
        for number in range(1, count + 1):
            to = frozenset({"person:bob"}) if number in private else None
            log.append(db, "a", epoch, draft(text(number), f"c{number}", to=to))
        offsets: list[int] = []
        before: int | None = None
        more = True
        while more:
            page = pages.history(db, "a", "person:eve", before, limit)
            assert len(page.events) <= limit
            offsets = [event.offset for event in page.events] + offsets
            more = page.more
            before = page.events[0].offset if page.events else None
        assert offsets == [n for n in range(1, count + 1) if n not in private]
    finally:
        db.close()


async def test_full_disk_keeps_nothing_and_says_so_then_recovers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While SQLite has no room, appends are refused and reads go on; then all is as before."""
    path = tmp_path / "log.sqlite"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1), "c1"))
        # SQLite's own page limit gives the very error that a full disk gives.
        await ask(
            lambda done: store._writer.ask(lambda db: db.execute("PRAGMA max_page_count = 1"), done)
        )
        refused = await asyncio.gather(
            *(ask(store.append, room, draft(text(n, "x" * 9000), f"c{n}")) for n in range(2, 40))
        )
        assert all(isinstance(answer, NotKept) for answer in refused)
        caught: History = await ask(store.catch_up, "a", "person:ada", room.epoch, 0)
        assert [event.offset for event in caught.events] == [1]
        assert (await ask(store.open_room, "a")).epoch == room.epoch
        await ask(
            lambda done: store._writer.ask(
                lambda db: db.execute("PRAGMA max_page_count = 10000"), done
            )
        )
        kept: Stored = await ask(store.append, room, draft(text(2, "x" * 9000), "c2"))
    assert (kept.offset, kept.duplicate) == (2, False)
    assert len([r for r in caplog.records if "cannot keep chat" in r.message]) == 1


async def test_log_that_cannot_be_opened_refuses_and_is_tried_again(tmp_path: Path) -> None:
    """A file that is no database refuses everything; a room begun meanwhile is kept later."""
    path = tmp_path / "log.sqlite"
    path.write_bytes(b"this is not a database, not at all" * 100)
    async with opened(path) as store:
        assert isinstance(await ask(store.open_room, "a"), NotKept)
        room = RoomRecord("a", "made-up")
        assert isinstance(await ask(store.append, room, draft(text(1), "c1")), NotKept)
        with pytest.raises(NotKept):
            await store.history("a", "person:ada", None, 10)
        path.unlink()
        kept: Any = NotKept()
        while isinstance(kept, NotKept):  # the writer tries again after a while
            kept = await ask(store.append, room, draft(text(1), "c1"))
        assert kept.offset == 1
        assert (await ask(store.open_room, "a")).epoch == "made-up"


async def test_room_of_another_epoch_is_not_written_to(tmp_path: Path) -> None:
    """A meeting that began without its log does not mix its offsets into it later."""
    async with opened(tmp_path / "log.sqlite") as store:
        await ask(store.open_room, "a")
        answer = await ask(store.append, RoomRecord("a", "made-up"), draft(text(1), "c1"))
    assert isinstance(answer, NotKept)


async def test_one_bad_request_spoils_no_other_of_its_batch(tmp_path: Path) -> None:
    """What fails is refused; what was asked for at the same moment is kept."""

    def fail(_db: sqlite3.Connection) -> None:
        raise OverflowError("too large for SQLite")

    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        answers = await asyncio.gather(
            ask(store.append, room, draft(text(1), "c1")),
            ask(lambda done: store._writer.ask(fail, done, "a")),
            ask(store.append, room, draft(text(2), "c2")),
        )
    assert [getattr(answer, "offset", None) for answer in answers] == [1, None, 2]


async def test_close_writes_what_was_asked_for_and_refuses_the_rest(tmp_path: Path) -> None:
    """Everything queued before close is answered and on disk; afterwards NotKept."""
    path = tmp_path / "log.sqlite"
    answers: list[Any] = []
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        for number in range(500):
            store.append(room, draft(text(number), f"c{number}"), answers.append)
        await store.close()
        assert isinstance(await ask(store.append, room, draft(text(1), "late")), NotKept)
    assert [answer.offset for answer in answers if isinstance(answer, Stored)] == list(
        range(1, 501)
    )
    db = connect(path)
    assert db.execute("SELECT count(*) FROM log").fetchone() == (500,)
    db.close()


def test_log_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """A file of a format from the future is refused, not rewritten."""
    path = tmp_path / "log.sqlite"
    db = connect(path)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(sqlite3.DatabaseError, match="format 99"):
        connect(path)


def test_a_log_is_claimed_by_one_server(tmp_path: Path) -> None:
    """The second claim fails until the first is released."""
    path = tmp_path / "log.sqlite"
    first = Claim(path)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        Claim(path)
    first.release()
    Claim(path).release()


def test_log_is_for_its_owner_only(tmp_path: Path) -> None:
    """Nobody else on the machine may read a new log, or what SQLite puts beside it."""
    path = tmp_path / "rooms.sqlite"
    db = connect(path)
    try:
        open_room(db, "physics-101")
        files = sorted(tmp_path.glob("rooms.sqlite*"))
        assert len(files) == 3, "the log, its write-ahead log, and the index of that"
        assert [oct(file.stat().st_mode & 0o777) for file in files] == ["0o600"] * 3
    finally:
        db.close()
