"""Pages from anywhere in the log: they read as the room reads now, for each reader alone."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from hypothesis import given, settings, strategies as st
from meetwidget_server.room import History
from meetwidget_server.store import log, pages
from meetwidget_server.store.rooms import open_room
from meetwidget_server.store.schema import STEPS, know_text, place_of
from meetwidget_server.store.text import searchable

from meetwidget.wire.fold import Fold
from meetwidget.wire.log import (
    ClearEvent,
    CloseEvent,
    DeleteEvent,
    EditEvent,
    LogEvent,
    LoggedEvent,
    MessageEvent,
    PinEvent,
    ReactionEvent,
    VoteEvent,
)
from meetwidget.wire.values import Poll
from tests.unit.server.store_kit import ask, draft, opened, text

EVE = "person:eve"
TO_BOB = frozenset({"person:ada", "person:bob"})


def offsets(events: list[LoggedEvent]) -> list[int]:
    return [entry.offset for entry in events]


async def test_page_after_an_offset(tmp_path: Path) -> None:
    """It begins right after the offset, is oldest first, and tells what is on both sides."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        for number in range(1, 10):
            await ask(store.append, room, draft(text(number), f"c{number}"))
        middle = await store.passage("a", EVE, 3, 4)
        assert (offsets(middle.events), middle.more, middle.newer) == ([4, 5, 6, 7], True, True)
        first = await store.passage("a", EVE, 0, 3)
        assert (offsets(first.events), first.more, first.newer) == ([1, 2, 3], False, True)
        last = await store.passage("a", EVE, 7, 10)
        assert (offsets(last.events), last.more, last.newer) == ([8, 9], True, False)
        none = await store.passage("a", EVE, 9, 10)
        assert (none.events, none.more, none.newer) == ([], True, False)
        assert (await store.passage("b", EVE, 0, 10)).events == []
        newest = await store.history("a", EVE, None, 2)
        assert (newest.newer, (await store.history("a", EVE, 8, 2)).newer) == (False, True)


async def test_page_around_a_message(tmp_path: Path) -> None:
    """The message is in it whatever the limit; who may not read it is told that it is not there."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        for number in range(1, 10):
            to = TO_BOB if number == 7 else None
            await ask(store.append, room, draft(text(number), f"c{number}", to=to))
        page = await store.around("a", EVE, "m5", 5)
        assert page is not None
        assert (offsets(page.events), page.more, page.newer) == ([3, 4, 5, 6, 8], True, True)
        one = await store.around("a", EVE, "m1", 1)
        assert one is not None
        assert (offsets(one.events), one.more, one.newer) == ([1], False, True)
        assert await store.around("a", EVE, "m7", 5) is None
        assert await store.around("a", "person:bob", "m7", 5) is not None
        assert await store.around("a", EVE, "nothing", 5) is None
        assert await store.around("b", EVE, "m1", 5) is None
        await ask(store.append, room, draft(ClearEvent(), "clear"))
        assert await store.around("a", EVE, "m5", 5) is None


async def test_everything_about_one_message(tmp_path: Path) -> None:
    """Only what concerns it, without what others have overtaken, and nothing of what is private."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        said: list[tuple[str, LogEvent, Any]] = [
            ("ada", text(1), None),
            ("ada", text(2), TO_BOB),
            ("ada", EditEvent("m1", "once"), None),
            ("bob", ReactionEvent("m1", "x", True), None),
            ("bob", ReactionEvent("m1", "x", False), None),
            ("eve", ReactionEvent("m1", "x", True), None),
            ("ada", EditEvent("m1", "twice"), None),
        ]
        for number, (author, event, to) in enumerate(said):
            await ask(store.append, room, draft(event, f"c{number}", author, to))
        about = await store.about("a", EVE, "m1")
        assert offsets(about.events) == [1, 5, 6, 7]
        assert (await store.about("a", EVE, "m2")).events == []
        assert offsets((await store.about("a", "person:bob", "m2")).events) == [2]
        await ask(store.append, room, draft(ClearEvent(), "clear"))
        assert (await store.about("a", EVE, "m1")).events == []


async def test_newcomer_gets_what_is_pinned_further_back(tmp_path: Path) -> None:
    """Every event about a pinned message comes with the newest; not if unpinned or deleted."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        early: list[LogEvent] = [text(number) for number in range(1, 5)]
        early += [PinEvent(f"m{number}", True) for number in (1, 2, 3)]
        early += [EditEvent("m1", "as it is"), PinEvent("m2", False), DeleteEvent("m3")]
        for number, event in enumerate(early):
            await ask(store.append, room, draft(event, f"a{number}"))
        for number in range(100, 300):
            await ask(store.append, room, draft(text(number), f"b{number}"))
        caught: History = await ask(store.catch_up, "a", EVE, None, None)
        assert len(caught.events) == 200
        assert [(e.offset, type(e.event)) for e in caught.pinned] == [
            (1, MessageEvent),
            (5, PinEvent),
            (8, EditEvent),
        ]
        (pinned,) = [r for r in Fold([*caught.events, *caught.pinned]).messages() if r.pinned]
        assert (pinned.id, pinned.body) == ("m1", "as it is")
        since: History = await ask(store.catch_up, "a", EVE, room.epoch, caught.offset - 1)
        assert (since.recovered, since.pinned) == (True, [])


async def test_pinned_messages_do_not_outgrow_a_page(tmp_path: Path) -> None:
    """Of many or large ones a newcomer gets those that were pinned last."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        large = {"text/plain": "x" * 1_000_000}
        for number in range(8):
            await ask(store.append, room, draft(text(number, data=large), f"a{number}"))
            await ask(store.append, room, draft(PinEvent(f"m{number}", True), f"b{number}"))
        for number in range(100, 300):
            await ask(store.append, room, draft(text(number), f"c{number}"))
        caught: History = await ask(store.catch_up, "a", EVE, None, None)
        told = [entry.event.id for entry in caught.pinned if isinstance(entry.event, MessageEvent)]
        assert told == ["m4", "m5", "m6", "m7"]


async def test_facts_of_a_poll(tmp_path: Path) -> None:
    """The rules learn what it asks and whether it has ended."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        poll = Poll(["a", "b", "c"], multiple=True)
        await ask(store.append, room, draft(text(1, poll=poll), "c1"))
        await ask(store.append, room, draft(text(2), "c2", to=TO_BOB))
        facts = await ask(store.facts, "a", "m1")
        assert (facts.poll, facts.closed, facts.audience) == (poll, False, None)
        await ask(store.append, room, draft(CloseEvent("m1"), "c3"))
        assert (await ask(store.facts, "a", "m1")).closed
        private = await ask(store.facts, "a", "m2")
        assert (private.poll, private.closed, private.audience) == (None, False, TO_BOB)
        await ask(store.append, room, draft(DeleteEvent("m1"), "c4"))
        gone = await ask(store.facts, "a", "m1")
        assert (gone.deleted, gone.poll) == (True, None)


# ------------------------------------------------------------------ whatever happened

MESSAGE = st.integers(1, 6)
AUTHOR = st.sampled_from(["ada", "bob", "eve"])
EVENT = st.one_of(
    st.tuples(st.just("message"), MESSAGE),
    st.tuples(st.just("edit"), MESSAGE),
    st.tuples(st.just("delete"), MESSAGE),
    st.tuples(st.just("react"), MESSAGE, st.sampled_from("xy"), st.booleans()),
    st.tuples(st.just("vote"), MESSAGE, st.sampled_from([(), (0,), (1,), (0, 1)])),
    st.tuples(st.just("close"), MESSAGE),
    st.tuples(st.just("pin"), MESSAGE, st.booleans()),
    st.just(("clear",)),
)


def made(number: int, what: tuple[Any, ...], private: set[int]) -> tuple[LogEvent, Any]:
    """An event of the log and its audience."""
    if what[0] == "clear":
        return ClearEvent(), None
    id_ = f"m{what[1]}"
    event: LogEvent = {
        "message": lambda: MessageEvent(id_, f"body {number}", poll=Poll(["a", "b"], True)),
        "edit": lambda: EditEvent(id_, f"edit {number}"),
        "delete": lambda: DeleteEvent(id_),
        "react": lambda: ReactionEvent(id_, what[2], what[3]),
        "vote": lambda: VoteEvent(id_, list(what[2])),
        "close": lambda: CloseEvent(id_),
        "pin": lambda: PinEvent(id_, what[2]),
    }[what[0]]()
    return event, TO_BOB if what[1] in private else None


def written(script: list[tuple[str, tuple[Any, ...]]], private: set[int]) -> sqlite3.Connection:
    """A log in memory with what the script says; each id is of one message at most."""
    db = sqlite3.connect(":memory:", isolation_level=None)
    know_text(db)
    db.executescript("".join(STEPS))
    epoch = open_room(db, "a").epoch
    there: set[int] = set()
    for number, (author, what) in enumerate(script):
        if what[0] == "message":
            if what[1] in there:
                continue
            there.add(what[1])
        elif what[0] != "clear" and what[1] not in there:
            continue
        event, to = made(number, what, private)
        log.append(db, "a", epoch, draft(event, f"c{number}", author, to))
    return db


@settings(max_examples=60, deadline=None)
@given(
    script=st.lists(st.tuples(AUTHOR, EVENT), max_size=40),
    private=st.sets(MESSAGE, max_size=2),
    reader=AUTHOR,
    limit=st.integers(1, 12),
)
def test_any_page_reads_as_the_room_does(
    script: list[tuple[str, tuple[Any, ...]]], private: set[int], reader: str, limit: int
) -> None:
    """Messages of a page from anywhere, with what comes with it, are as in the whole log."""
    db = written(script, private)
    who = f"person:{reader}"
    try:
        everything = pages.history(db, "a", who, None, 500).events
        whole = {reading.id: reading for reading in Fold(everything).messages(deleted=True)}
        found: list[int] = []
        after, newer = 0, True
        while newer:
            page = pages.passage(db, "a", who, after, limit)
            assert len(page.events) <= limit
            for reading in Fold([*page.events, *page.later]).messages(deleted=True):
                assert reading == whole[reading.id]
            found += offsets(page.events)
            newer = page.newer
            after = found[-1] if found else 0
        assert found == offsets(everything)
        for id_, reading in whole.items():
            around = pages.around(db, "a", who, id_, limit)
            assert around is not None
            assert Fold([*around.events, *around.later]).message(id_) == reading
            assert Fold(pages.about(db, "a", who, id_).events).message(id_) == reading
        caught = pages.catch_up(db, "a", who, None, None, 1000, limit)
        held = Fold([*caught.events, *caught.pinned])
        pinned = {id_ for id_, reading in whole.items() if reading.pinned}
        assert {reading.id for reading in held.messages() if reading.pinned} == pinned
        for reading in held.messages():
            if reading.pinned:
                assert reading == whole[reading.id]
    finally:
        db.close()


@settings(max_examples=60, deadline=None)
@given(
    script=st.lists(st.tuples(AUTHOR, EVENT), max_size=40),
    private=st.sets(MESSAGE, max_size=2),
    kept=st.integers(1, 40),
)
def test_what_can_be_searched_is_what_is_left(
    script: list[tuple[str, tuple[Any, ...]]], private: set[int], kept: int
) -> None:
    """After any events, and when old ones are trimmed, the index has the messages as they read."""
    db = written(script, private)
    try:
        log.trim(db, "a", kept)
        events = [
            entry
            for who in ("ada", "bob", "eve")
            for entry in pages.history(db, "a", f"person:{who}", None, 500).events
        ]
        left = {
            reading.offset: searchable(reading.event, reading.body)
            for reading in Fold(events).messages()
        }
        rows = db.execute("SELECT place, text FROM said").fetchall()
        assert {place - place_of(1, 0): text for place, text in rows} == left
        db.execute("INSERT INTO search (search, rank) VALUES ('integrity-check', 1)")
    finally:
        db.close()
