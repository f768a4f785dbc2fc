"""Search: what messages say now is found, by those who may read it, and nothing else."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st
from meetwidget_server.store import Hits, erasure, log, search
from meetwidget_server.store.rooms import open_room
from meetwidget_server.store.schema import STEPS, connect, know_text
from meetwidget_server.store.text import plain

from meetwidget.wire.log import ClearEvent, DeleteEvent, EditEvent, LogEvent, MessageEvent
from meetwidget.wire.share import CELL_MIME
from meetwidget.wire.values import Poll
from tests.unit.server.store_kit import ask, draft, on_disk, opened, text

EVE = "person:eve"
TO_BOB = frozenset({"person:ada", "person:bob"})


def in_memory() -> sqlite3.Connection:
    db = sqlite3.connect(":memory:", isolation_level=None)
    know_text(db)
    db.executescript("".join(STEPS))
    return db


def room_with(db: sqlite3.Connection, *events: LogEvent, room: str = "a", to: Any = None) -> None:
    epoch = open_room(db, room).epoch
    for event in events:
        (number,) = db.execute("SELECT count(*) FROM log").fetchone()
        log.append(db, room, epoch, draft(event, f"c{number}", to=to))


def find(db: sqlite3.Connection, query: str, reader: str = EVE, **more: Any) -> Hits:
    values: dict[str, Any] = {"before": None, "limit": 20} | more
    return search.search(db, "a", reader, query, **values)


def ids(hits: Hits) -> list[str]:
    return [hit.id for hit in hits.hits]


def marked(hits: Hits) -> list[str]:
    """What was found in the first hit, cut out as a browser does."""
    hit = hits.hits[0]
    units = hit.snippet.encode("utf-16-le")
    return [units[2 * at : 2 * (at + size)].decode("utf-16-le") for at, size in hit.marks]


@pytest.mark.parametrize(
    ("said", "query", "found"),
    [
        ("The Fourier transform", "fourier", ["Fourier"]),
        ("The Fourier transform", "trans fou", ["Fourier", "transform"]),
        ("The Fourier transform", '"fourier trans"', None),
        ("The Fourier transform", '"fourier transform"', ["Fourier transform"]),
        ("The Fourier transform", "ourier", None),
        ("Ünïcödé ÉTÉ", "unicode ete", ["Ünïcödé", "ÉTÉ"]),
        ("use `np.fft.rfft(x)` **here**", "fft", ["fft"]),
        ("**bold**ly [a link](https://example.org)", "link example", ["link", "example"]),
        ("🎉🎉 party at noon", "party", ["party"]),
        ("🎉🎉 party at noon", "🎉", ["🎉🎉"]),
        ("明日の会議は三時です", "会議", ["会議"]),
        ("a -> b", "->", ["->"]),
        ("C++ and C", "C++", ["C", "C"]),
        ("Common Lisp", "C++", None),
        ("100 % sure", '"', None),
        ("what AND why", "AND", ["AND"]),
        ("near(x, y)", "NEAR(", ["near"]),
        ("col:value", "text:value", None),
        ("a*b", "a*", ["a"]),
        ("to \0 be", "to\0 be", ["to", "be"]),
        ("love ♥ it", "♥ LOVE", ["love", "♥"]),
        ("love it", "♥ love", None),
    ],
)
def test_what_is_found_is_marked(said: str, query: str, found: list[str] | None) -> None:
    """Beginnings of words, in any order and case; no sign of a query is an instruction."""
    db = in_memory()
    room_with(db, text(1, said), text(2, "something else"))
    hits = find(db, query)
    assert ids(hits) == ([] if found is None else ["m1"])
    if found is not None:
        assert marked(hits) == found
    db.close()


def test_search_sees_what_messages_say_now() -> None:
    """An edit replaces the words; a deleted or cleared message has none."""
    db = in_memory()
    room_with(db, text(1, "alpha"), text(2, "alpha beta"), EditEvent("m1", "gamma"))
    assert (ids(find(db, "alpha")), ids(find(db, "gamma"))) == (["m2"], ["m1"])
    room_with(db, DeleteEvent("m1"), EditEvent("m1", "delta"))
    assert (ids(find(db, "gamma")), ids(find(db, "delta"))) == ([], [])
    room_with(db, ClearEvent(), text(3, "beta"))
    assert ids(find(db, "beta")) == ["m3"]
    db.close()


def test_options_and_code_are_found() -> None:
    """Whatever people read in a message leads to it; for files see test_store_files."""
    cell = {CELL_MIME: {"source": "solve_ivp(f)"}, "text/plain": "x"}
    db = in_memory()
    room_with(
        db,
        MessageEvent("poll", "Which?", poll=Poll(["bananas", "apples"])),
        MessageEvent("cell", "", data=cell),
        MessageEvent("data", "", data={"text/plain": "eigenvalues"}),
    )
    for query, id_ in (("banana", "poll"), ("solve_ivp", "cell"), ("eigen", "data")):
        assert ids(find(db, query)) == [id_]
    db.close()


def test_private_messages_are_found_by_their_readers_only() -> None:
    """Nor do they take others' places on a page."""
    db = in_memory()
    room_with(db, text(1, "word for all"))
    room_with(db, *(text(number, "word in private") for number in range(2, 8)), to=TO_BOB)
    assert ids(find(db, "word", limit=2)) == ["m1"]
    assert not find(db, "word", limit=2).more
    assert ids(find(db, "word", "person:bob", limit=2)) == ["m7", "m6"]
    assert find(db, "♥", "person:bob").hits == []
    db.close()


def test_rooms_are_apart_and_pages_join() -> None:
    """A search stays in its room, newest first, and goes on where the last page ended."""
    db = in_memory()
    room_with(db, *(text(number, f"word {number}") for number in range(1, 8)))
    room_with(db, *(text(number, "word") for number in range(10, 15)), room="b")
    seen: list[str] = []
    before, more = None, True
    while more:
        hits = find(db, "word", before=before, limit=3)
        seen += ids(hits)
        before, more = hits.hits[-1].offset, hits.more
    assert seen == [f"m{number}" for number in range(7, 0, -1)]
    assert search.search(db, "nowhere", EVE, "word", None, 5).hits == []
    assert find(db, "   ").hits == []
    db.close()


def test_snippet_is_short_and_around_what_was_found() -> None:
    """Marks count as a browser counts, whatever is before them."""
    db = in_memory()
    room_with(db, text(1, "🎉 " * 300 + "the needle is\nhere " + "hay " * 300))
    for query in ("needle", "needle is"):
        hits = find(db, query)
        assert len(hits.hits[0].snippet) <= search.SNIPPET + 2
        assert marked(hits)[0] == "needle"
        assert "\n" not in hits.hits[0].snippet
    db.close()


def test_markdown_is_plain() -> None:
    """Signs go, words and what only looks like a sign stay."""
    said = "# Title\n> quoted\n```python\nx = a*b*c\n```\n**bold** and [text](https://e.org) ~~no~~"
    assert plain(said) == "Title\nquoted\n\nx = a*b*c\n\nbold and text https://e.org no"


async def test_erased_words_leave_the_index_too(tmp_path: Path) -> None:
    """When a delete is acknowledged, no file of the log has the words any more.

    Nor does an edit bring words back that was on its way meanwhile.
    """
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")
        for number in range(20):
            await ask(
                store.append, room, draft(text(number, f"word{number} xylophone"), f"c{number}")
            )
        await ask(store.append, room, draft(text(20, "unmistakable"), "c20"))
        await ask(store.append, room, draft(EditEvent("m20", "incontrovertible"), "c21"))
        await ask(store.append, room, draft(DeleteEvent("m20"), "c22"))
        kept = on_disk(tmp_path)
        assert b"xylophone" in kept
        assert b"unmistakable" not in kept
        assert b"incontrovertible" not in kept
        late = draft(EditEvent("m20", "antediluvian"), "late")
        assert (await ask(store.append, room, late)).event == EditEvent("m20", "")
        assert b"antediluvian" not in on_disk(tmp_path)
        await ask(store.append, room, draft(ClearEvent(), "c23"))
        assert b"xylophone" not in on_disk(tmp_path)
        assert (await store.search("a", EVE, "xylophone", None, 5)).hits == []


async def test_forgotten_events_are_not_found(tmp_path: Path) -> None:
    """What retention, trimming or an erasure took away is not in the index."""
    async with opened(tmp_path / "log.sqlite", kept=3) as store:
        room = await ask(store.open_room, "a")
        for number in range(6):
            await ask(store.append, room, draft(text(number, "word"), f"c{number}"))
        assert ids(await store.search("a", EVE, "word", None, 10)) == ["m5", "m4", "m3"]
        await ask(store.append, room, draft(text(9, "word", reply_to="m5"), "c9", "bob"))
        await store.erase_user("ada")
        assert ids(await store.search("a", EVE, "word", None, 10)) == ["m9"]
        await store.erase_room("a")
    db = connect(tmp_path / "log.sqlite")
    assert db.execute("SELECT count(*) FROM said").fetchone() == (0,)
    db.close()


async def test_log_of_an_older_version_can_be_searched(tmp_path: Path) -> None:
    """The conversion takes in what messages say, edits applied, and what was deleted not."""
    path = tmp_path / "log.sqlite"
    db = sqlite3.connect(path, isolation_level=None)
    db.executescript("".join(STEPS[:2]) + "PRAGMA user_version = 2;")
    db.execute("INSERT INTO room (id, name, epoch, title, offset) VALUES (1, 'a', 'e', 'a', 6)")
    by = b'{"id":"p","user":{"name":"ada","display_name":"Ada","initials":"A","color":"#000"},"kind":"person"}'
    rows = [
        ("message", "m1", b'{"kind":"message","id":"m1","body":"before"}'),
        ("message", "m2", b'{"kind":"message","id":"m2","body":"alpha"}'),
        ("edit", "m2", b'{"kind":"edit","id":"m2","body":"**beta**"}'),
        ("message", "m3", b'{"kind":"message","id":"m3","body":""}'),
        ("delete", "m3", b'{"kind":"delete","id":"m3"}'),
        ("message", "m4", b'{"kind":"message","id":"m4","body":"gamma"}'),
    ]
    for offset, (kind, message, event) in enumerate(rows, 1):
        db.execute(
            "INSERT INTO log (room, offset, at, author, cid, kind, message, by, event)"
            " VALUES (1, ?, 5, 'person:ada', ?, ?, ?, ?, ?)",
            (offset, str(offset), kind, message, by, event),
        )
    db.close()
    async with opened(path) as store:
        found = {
            q: ids(await store.search("a", EVE, q, None, 5)) for q in ("beta", "alpha", "gamma")
        }
        assert found == {"beta": ["m2"], "alpha": [], "gamma": ["m4"]}
        assert [e.offset for e in (await store.history("a", EVE, None, 10)).events] == [
            1,
            2,
            3,
            4,
            5,
            6,
        ]


@settings(max_examples=60, deadline=None)
@given(query=st.text(max_size=30), said=st.lists(st.text(max_size=40), max_size=4))
def test_any_query_has_an_answer(query: str, said: list[str]) -> None:
    """No text is a syntax error, and marks always lie within their snippet."""
    db = in_memory()
    clean = [one.encode("utf-8", "replace").decode() for one in said]
    room_with(db, *(text(number, one) for number, one in enumerate(clean)))
    for hit in find(db, query.encode("utf-8", "replace").decode()).hits:
        units = len(hit.snippet.encode("utf-16-le")) // 2
        assert hit.marks == [] or all(at + size <= units for at, size in hit.marks)
    db.close()


async def test_search_beside_a_writer(tmp_path: Path) -> None:
    """Searching while others write answers from one state of the log."""
    async with opened(tmp_path / "log.sqlite") as store:
        room = await ask(store.open_room, "a")

        async def write() -> None:
            for number in range(50):
                await ask(store.append, room, draft(text(number, "word"), f"c{number}"))

        async def read() -> None:
            for _ in range(20):
                hits = await store.search("a", EVE, "word", None, 100)
                offsets = [hit.offset for hit in hits.hits]
                assert offsets == list(range(len(offsets), 0, -1))

        await asyncio.gather(write(), read())


def test_erasing_in_sql_needs_no_store() -> None:
    """The schema's own triggers keep the index true, whoever deletes rows of the log."""
    db = in_memory()
    room_with(db, text(1, "word"), text(2, "word"))
    erasure.prune(db, 10**15, 1)
    assert ids(find(db, "word")) == ["m2"]
    db.close()
