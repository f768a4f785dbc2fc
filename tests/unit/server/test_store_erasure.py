"""Forgetting and telling: retention, erased rooms and users, exports."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from meetwidget_server.room import History, RoomRecord, Stored
from meetwidget_server.store.schema import connect_reader
from meetwidget_server.store.sqlite import SQLiteStore
from msgspec import UNSET

from meetwidget.wire.control import (
    DeleteEvent,
    EditEvent,
    LogEvent,
    MessageEvent,
    ReactionEvent,
    VoteEvent,
)
from meetwidget.wire.values import Mention, Poll
from tests.unit.server.store_kit import ask, draft, on_disk, opened, text, user
from tests.unit.server.test_store_rooms import link

DAY_MS = 24 * 60 * 60 * 1000
BOTH = frozenset({"person:ada", "person:bob"})
ALL_THREE = BOTH | {"person:eve"}


async def say(store: SQLiteStore, room: RoomRecord, *said: tuple[str, LogEvent, Any]) -> None:
    """Lets people say things: author, event, audience."""
    for number, (author, event, to) in enumerate(said):
        kind, _, name = author.rpartition(":")
        entry = draft(event, f"{room.name}{number}", name, to, kind=kind or "person")
        assert isinstance(await ask(store.append, room, entry), Stored)


async def seen(store: SQLiteStore, room: str, reader: str) -> list[tuple[str, LogEvent]]:
    page = await store.history(room, reader, None, 100)
    return [(event.by.user.display_name, event.event) for event in page.events]


async def talk(store: SQLiteStore) -> RoomRecord:
    """A room in which Ada, the one who is to be erased, did all that one can do."""
    room: RoomRecord = await ask(store.open_room, "lab")
    room.creator, room.roles, room.invited = "ada", {"ada": "owner", "bob": "member"}, {"ada"}
    await ask(store.save_room, room)
    await store.add_guest_link(link(1, "lab"))
    await say(
        store,
        room,
        ("bob", MessageEvent("b1", "hello"), None),
        ("ada", MessageEvent("a1", "adaWord", data={"text/plain": "adaData"}), None),
        ("ada", EditEvent("a1", "adaEdit"), None),
        ("bob", MessageEvent("b2", "an answer", reply_to="a1"), None),
        ("bob", ReactionEvent("a1", "x", True), None),
        ("ada", ReactionEvent("b1", "adaEmoji", True), None),
        ("ada", MessageEvent("a2", "adaToBob"), BOTH),
        ("bob", ReactionEvent("a2", "x", True), BOTH),
        ("bob", MessageEvent("b3", "bobToAda"), BOTH),
        ("eve", MessageEvent("e1", "eveToBoth"), ALL_THREE),
        ("ada", ReactionEvent("e1", "adaEmoji", True), ALL_THREE),
        ("bob", MessageEvent("b4", "bobGone"), None),
        ("ada", DeleteEvent("b4"), None),
        ("kernel:ada", MessageEvent("k1", "kernelWord"), None),
    )
    return room


async def test_erased_user_leaves_no_word_and_no_name(tmp_path: Path) -> None:
    """Words, data, edits, reactions, private talk, name: none is in the file afterwards."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await talk(store)
        other: RoomRecord = await ask(store.open_room, "other")
        await say(store, other, ("bob", MessageEvent("o1", "of bob alone"), None))
        assert await store.rooms_of_user("ada") == ["lab"]
        assert await store.erase_user("ada") == ["lab"]

        kept = on_disk(tmp_path)
        words = ("adaWord", "adaData", "adaEdit", "adaEmoji", "adaToBob", "bobToAda", "kernelWord")
        assert [word for word in words if word.encode() in kept] == []
        assert b'"ada"' not in kept
        assert b":ada" not in kept
        assert b"Ada" not in kept
        assert await store.rooms_of_user("ada") == []
        assert await store.guest_links("lab") == []
        record = await store.find("lab")
        untouched = await store.find("other")
    assert record is not None
    assert untouched is not None
    assert (record.creator, record.roles, record.invited) == ("", {"bob": "member"}, set())
    assert record.epoch != room.epoch
    assert untouched.epoch == other.epoch


async def test_erased_users_messages_become_marks_and_others_stay(tmp_path: Path) -> None:
    """What others said is untouched; in place of the erased is a nameless mark of deletion."""
    async with opened(tmp_path / "log.sqlite") as store:
        await talk(store)
        await store.erase_user("ada")
        bob = await seen(store, "lab", "person:bob")
        eve = await seen(store, "lab", "person:eve")
        facts = await ask(store.facts, "lab", "b4")
        caught: History = await ask(store.catch_up, "lab", "person:bob", None, None)
    public = [
        ("Bob", MessageEvent("b1", "hello")),
        ("Deleted user", DeleteEvent("a1")),
        ("Deleted user", DeleteEvent("a1")),
        ("Bob", MessageEvent("b2", "an answer", reply_to="a1")),
        ("Bob", ReactionEvent("a1", "x", True)),
        ("Eve", MessageEvent("e1", "eveToBoth")),
        ("Bob", MessageEvent("b4", "")),
        ("Deleted user", DeleteEvent("b4")),
        ("Deleted user", DeleteEvent("k1")),
    ]
    assert bob == eve == public
    assert facts.deleted
    assert [event.event for event in caught.events] == [event for _, event in bob]
    assert not caught.recovered


async def test_client_from_before_an_erasure_starts_over(tmp_path: Path) -> None:
    """A resume with the old epoch does not recover, so no screen keeps what is gone."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await talk(store)
        await store.erase_user("ada")
        caught: History = await ask(store.catch_up, "lab", "person:bob", room.epoch, 14)
        assert not caught.recovered
        assert caught.epoch != room.epoch


async def test_erasing_somebody_unknown_changes_nothing(tmp_path: Path) -> None:
    """A user nothing is kept of costs no room its epoch."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await talk(store)
        assert await store.erase_user("nobody") == []
        again = await store.find("lab")
    assert again is not None
    assert again.epoch == room.epoch


async def test_erased_room_is_gone_with_everything(tmp_path: Path) -> None:
    """Log, roles, invitations and links leave the file; the name begins anew."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await talk(store)
        assert await store.erase_room("lab")
        assert not await store.erase_room("lab")
        kept = on_disk(tmp_path)
        assert [w for w in (b"hello", b"adaWord", b"Bob", b'"bob"') if w in kept] == []
        assert await store.find("lab") is None
        assert await store.guest_link(link(1).digest) is None
        fresh: RoomRecord = await ask(store.open_room, "lab")
    assert (fresh.offset, fresh.roles, fresh.invited) == (0, {}, set())
    assert fresh.epoch != room.epoch


async def test_words_leave_the_disk_as_soon_as_nobody_reads(tmp_path: Path) -> None:
    """A reader that holds up the emptying of the write-ahead log does not prevent it."""
    path = tmp_path / "log.sqlite"
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1, "s3cretWord"), "c1"))
        reader = connect_reader(path)
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM log").fetchone() == (1,)
        await store.erase_room("a")
        assert b"s3cretWord" in on_disk(tmp_path)
        reader.close()
        deadline = time.monotonic() + 30
        while b"s3cretWord" in on_disk(tmp_path):
            assert time.monotonic() < deadline
            await store.settle()


async def test_old_events_are_forgotten_from_the_old_end_on(tmp_path: Path) -> None:
    """Retention leaves no hole, keeps what is young, and a resume into the gap starts over."""
    now = round(time.time() * 1000)
    path = tmp_path / "log.sqlite"
    async with opened(path, kept=100_000) as store:
        room: RoomRecord = await ask(store.open_room, "a")
        # The third is stamped later than the fourth: a clock was set back.
        ages = [10, 9, 1, 8, 1, 0.5]
        for number, days in enumerate(ages, 1):
            at = now - round(days * DAY_MS)
            entry = draft(text(number, f"word-{number}-"), f"c{number}", at=at)
            await ask(store.append, room, entry)
        await store.add_guest_link(link(1, at=now - 30 * DAY_MS))
        await store.add_guest_link(link(2, at=now))
        assert await store.prune(7) == 4
        assert await store.prune(7) == 0
        page = await store.history("a", "person:bob", None, 100)
        within: History = await ask(store.catch_up, "a", "person:bob", room.epoch, 4)
        before: History = await ask(store.catch_up, "a", "person:bob", room.epoch, 3)
        links = [one.id for one in await store.guest_links("a")]
        kept = on_disk(tmp_path)
        next_: Stored = await ask(store.append, room, draft(text(9), "c9", at=now))
    assert [event.offset for event in page.events] == [5, 6]
    assert (within.recovered, before.recovered) == (True, False)
    assert links == ["l2"]
    assert [n for n in range(1, 7) if f"word-{n}-".encode() in kept] == [5, 6]
    assert next_.offset == 7


async def test_much_that_is_old_is_forgotten_in_parts(tmp_path: Path) -> None:
    """All that is old goes, however much it is and in however many rooms."""
    async with opened(tmp_path / "log.sqlite", kept=100_000) as store:
        rooms = [await ask(store.open_room, name) for name in "abc"]
        for room in rooms:
            for number in range(1500):
                store.append(room, draft(text(number), f"c{number}"), lambda _: None)
        assert await store.prune(1) == 4500
        assert [len((await store.history(r.name, "x", None, 10)).events) for r in rooms] == [0] * 3


async def test_service_forgets_what_is_old_by_itself(tmp_path: Path) -> None:
    """A log that is opened with a number of days soon has nothing older, unasked."""
    path = tmp_path / "log.sqlite"
    now = round(time.time() * 1000)
    async with opened(path) as store:
        room = await ask(store.open_room, "a")
        await ask(store.append, room, draft(text(1, "s3cretOld"), "c1", at=now - 8 * DAY_MS))
        await ask(store.append, room, draft(text(2, "young"), "c2", at=now - 6 * DAY_MS))
    async with opened(path, days=7) as store:
        deadline = time.monotonic() + 30
        while b"s3cretOld" in on_disk(tmp_path):
            assert time.monotonic() < deadline
            await store.settle()
        page = await store.history("a", "person:bob", None, 10)
    assert [event.event for event in page.events] == [text(2, "young")]


async def test_export_has_everything_of_and_about_a_user(tmp_path: Path) -> None:
    """Messages with rooms and times, reactions, private talk, roles, links; nobody else's."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await talk(store)
        await say(store, await ask(store.open_room, "other"), ("bob", text(1, "of bob"), None))
        found = await store.export_user("ada")
        assert room.name == "lab"
        nothing = await store.export_user("nobody")
    json.dumps(found)
    bodies = [(m["as"], m["private"], m["event"].get("body")) for m in found["messages"]]
    assert bodies == [
        ("person", False, "adaWord"),
        ("person", False, "adaEdit"),
        ("person", True, "adaToBob"),
        ("person", False, None),
        ("kernel", False, "kernelWord"),
    ]
    first = found["messages"][0]
    assert first["event"]["data"] == {"text/plain": "adaData"}
    assert (first["room"], first["at"]) == ("lab", "1970-01-01T00:00:00.005+00:00")
    assert [r["event"]["id"] for r in found["reactions"]] == ["b1", "e1"]
    received = [(m["from"], m["event"].get("body")) for m in found["private_messages_received"]]
    assert received == [("Bob", None), ("Bob", "bobToAda"), ("Eve", "eveToBoth")]
    assert found["roles"] == {"lab": "owner"}
    assert found["invitations"] == ["lab"]
    assert [created["room"] for created in found["rooms_created"]] == ["lab"]
    assert [one["id"] for one in found["guest_links"]] == ["l1"]
    assert not any(value for key, value in nothing.items() if key not in ("user", "exported_at"))


async def test_export_is_empty_after_erasure(tmp_path: Path) -> None:
    """Export and erasure agree on what belongs to a user."""
    async with opened(tmp_path / "log.sqlite") as store:
        await talk(store)
        await store.erase_user("ada")
        found = await store.export_user("ada")
    assert not any(value for key, value in found.items() if key not in ("user", "exported_at"))


async def test_erased_user_is_no_longer_named_by_others(tmp_path: Path) -> None:
    """Mentions and readers of others' messages lose the name; votes and a poll of theirs go."""
    ada, bob, eve = user("ada"), user("bob"), user("eve")
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "lab")
        naming = MessageEvent("b1", "hi @Ada", mentions=[Mention("ada", "Ada")])
        both = MessageEvent("b2", "hi both", mentions=[Mention("ada", "A"), Mention("eve", "Eve")])
        secret = MessageEvent("e1", "to you", to=["p"], readers=[ada, bob])
        await say(
            store,
            room,
            ("bob", naming, None),
            ("bob", both, None),
            ("eve", secret, ALL_THREE),
            ("bob", MessageEvent("b3", "Which?", poll=Poll(["x", "y"])), None),
            ("ada", VoteEvent("b3", [0]), None),
            ("eve", VoteEvent("b3", [1]), None),
            ("ada", MessageEvent("a1", "Mine?", poll=Poll(["adaOption", "y"])), None),
        )
        assert await store.erase_user("ada") == ["lab"]
        left = [event for _, event in await seen(store, "lab", "person:bob")]
        assert [kind(event) for event in left] == [
            *(["message"] * 4),
            "vote",
            "delete",
        ]
        first, second, third, _, vote, _ = left
        assert isinstance(first, MessageEvent)
        assert (first.body, first.mentions) == ("hi @Ada", UNSET)
        assert isinstance(second, MessageEvent)
        assert second.mentions == [Mention("eve", "Eve")]
        assert isinstance(third, MessageEvent)
        assert third.readers == [bob]
        assert vote == VoteEvent("b3", [1])
        kept = on_disk(tmp_path)
        assert b'"ada"' not in kept
        assert b"adaOption" not in kept
        assert eve.name.encode() in kept


async def test_room_that_only_mentions_somebody_is_theirs_too(tmp_path: Path) -> None:
    """Who is named in a room is told of it, and forgotten in it."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "lab")
        naming = MessageEvent("b1", "hi @Ada", mentions=[Mention("ada", "Ada")])
        await say(store, room, ("bob", naming, None))
        assert await store.rooms_of_user("ada") == ["lab"]
        assert await store.erase_user("ada") == ["lab"]
        assert await store.rooms_of_user("ada") == []


def kind(event: LogEvent) -> str:
    return str(event.__struct_config__.tag)
