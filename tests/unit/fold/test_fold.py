"""Server, kernel and browser read the same from a log, whatever came in between."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings, strategies as st
from meetwidget_server.room import Draft
from meetwidget_server.store import FileLimits, NewFile, Page, files, log, pages
from meetwidget_server.store.rooms import open_room
from meetwidget_server.store.schema import STEPS, know_text

from meetwidget import chat_log
from meetwidget.chat_log import ChatLog
from meetwidget.wire.control import LoggedEvent
from meetwidget.wire.fold import Fold
from meetwidget.wire.log import DeleteEvent, LogEvent, MessageEvent, VoteEvent
from tests.unit.fold.logs import ADA, Deed, meetings
from tests.unit.fold.reading import Browser, Canonical, a_browser, canonical, wire

ROOM = "lab"
MOST = 12
"""Events that a resume brings at most; beyond it there is a snapshot."""
NEWEST = 6
"""Events of a snapshot."""

FEW = 8
"""Events that a kernel holds which has little room."""
UNLIMITED = FileLimits(2**40, 2**40, 2**40)

READERS = settings(
    max_examples=100,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The browser's chat in a process of Node."""
    with a_browser(tmp_path_factory.mktemp("reader")) as running:
        yield running


def readings(entries: list[LoggedEvent]) -> list[Canonical]:
    """Returns what the reference makes of a log, deleted messages as marks."""
    return [canonical(reading) for reading in Fold(entries).messages(deleted=True)]


@dataclass
class Room:
    """A room's log on the server, with readers of two kinds who follow it."""

    deeds: list[Deed]
    db: sqlite3.Connection
    epoch: str = ""
    heard: list[LoggedEvent] = field(default_factory=list)
    """Everything kept so far that the reader may see, as it was sent."""
    untold: list[LoggedEvent] = field(default_factory=list)
    """What of it the reader's line has not brought yet."""
    done: int = 0
    kernel: ChatLog = field(default_factory=ChatLog)
    steps: list[Canonical] = field(default_factory=list)
    """What the browser is told."""
    came: int = 0
    """Offset of the newest event the readers were told."""

    def __post_init__(self) -> None:
        know_text(self.db)
        self.db.executescript("".join(STEPS))
        self.epoch = open_room(self.db, ROOM).epoch

    @property
    def ids(self) -> list[str]:
        """Every message the reader ever could see."""
        return [entry.event.id for entry in self.heard if isinstance(entry.event, MessageEvent)]

    def go_on(self, count: int) -> None:
        """Keeps what people do next."""
        for deed in self.deeds[self.done : self.done + count]:
            self.done += 1
            at = 1000 * self.done
            by, author = deed.author.by, deed.author.principal
            if isinstance(deed.event, MessageEvent) and deed.event.files:
                for file in deed.event.files:
                    files.add(self.db, NewFile(ROOM, author, at, file), UNLIMITED)
            draft = Draft(deed.event, by, author, f"c{self.done}", at, deed.audience)
            stored = log.append(self.db, ROOM, self.epoch, draft)
            if deed.audience is None or ADA.principal in deed.audience:
                entry = LoggedEvent(stored.offset, at, by, deed.event)
                self.heard.append(entry)
                self.untold.append(entry)

    def tell(self) -> None:
        """Brings the readers what they have not heard."""
        for entry in self.untold:
            self.kernel.add(entry)
            self.steps.append({"live": wire([entry])[0]})
            self.came = entry.offset
        self.untold.clear()

    def connect(self, after: int | None) -> None:
        """Welcomes the readers, who know everything until ``after``."""
        epoch = None if after is None else self.epoch
        known = pages.catch_up(self.db, ROOM, ADA.principal, epoch, after, MOST, NEWEST)
        self.kernel.welcome(self.epoch, known.offset, known.recovered, known.events, known.pinned)
        self.steps.append(
            {
                "welcome": wire(known.events),
                "pinned": wire(known.pinned),
                "anew": not known.recovered,
            }
        )
        self.untold.clear()
        self.came = known.offset
        if not known.recovered:
            pins = [canonical(reading) for reading in self.kernel.pinned()]
            assert pins == [reading for reading in readings(self.heard) if reading["pinned"]]

    def ask_about_all(self, limit: int) -> None:
        """Sees that the server tells of each message by itself, and around it, what it is now."""
        for id_ in self.ids:
            self.check(pages.about(self.db, ROOM, ADA.principal, id_))
            self.check(pages.around(self.db, ROOM, ADA.principal, id_, limit))

    def check(self, page: Page | None) -> None:
        """Sees that a page from anywhere says what its messages are now."""
        if page is None:
            return
        truth = {reading["id"]: reading for reading in readings(self.heard)}
        fold = Fold([*page.events, *page.later])
        for entry in page.events:
            if isinstance(entry.event, MessageEvent) and entry.event.id in truth:
                reading = fold.message(entry.event.id)
                assert reading is not None
                assert canonical(reading) == truth[entry.event.id]

    def read_page(self, page: Page | None) -> None:
        """Lets the browser read a page from anywhere."""
        if page is None:
            return
        self.check(page)
        self.steps.append({"page": wire([*page.events, *page.later])})

    def page(self, kind: str, which: int, limit: int) -> Page | None:
        """Asks the server for a page."""
        ids = self.ids or ["nobody"]
        id_ = ids[which % len(ids)]
        match kind:
            case "around":
                return pages.around(self.db, ROOM, ADA.principal, id_, limit)
            case "after":
                return pages.passage(self.db, ROOM, ADA.principal, which, limit)
            case _:
                return pages.about(self.db, ROOM, ADA.principal, id_)


ACTIONS = st.one_of(
    st.tuples(st.just("live"), st.integers(1, 8)),
    st.tuples(st.just("unheard"), st.integers(1, 8)),
    st.tuples(st.sampled_from(["resume", "anew"]), st.integers(0, 8)),
    st.tuples(st.sampled_from(["around", "after", "about"]), st.integers(0, 60)),
)


@READERS
@given(
    deeds=meetings(),
    start=st.integers(0, 20),
    actions=st.lists(ACTIONS, min_size=3, max_size=12),
    limit=st.integers(1, 9),
    kept=st.sampled_from([FEW, chat_log.KEPT_EVENTS]),
)
def test_all_read_the_same(
    browser: Browser,
    deeds: list[Deed],
    start: int,
    actions: list[tuple[str, int]],
    limit: int,
    kept: int,
) -> None:
    """Whatever one hears live, misses, resumes, pages and looks up, all read what the log says."""
    few = mock.patch.multiple(chat_log, KEPT_EVENTS=kept, TRIMMED_EVENTS=2)
    with few, closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        room = Room(deeds, db)
        room.go_on(start)
        room.connect(None)
        for kind, number in actions:
            if kind in ("live", "unheard"):
                room.go_on(number)
                if kind == "live":
                    room.tell()
            elif kind in ("resume", "anew"):
                room.go_on(number)
                room.connect(room.came if kind == "resume" else None)
            else:
                room.read_page(room.page(kind, number, limit))
        room.tell()
        room.ask_about_all(limit)
        truth = readings(room.heard)
        # The server, as it reads its log for a transcript.
        whole = pages.history(db, ROOM, ADA.principal, None, 1000).events
        assert readings(whole) == truth
        # The kernel, which holds the newest part only.
        mine = [canonical(reading) for reading in room.kernel.messages(deleted=True)]
        assert mine == truth[len(truth) - len(mine) :]
        held = {e.event.id for e in room.kernel.entries if isinstance(e.event, MessageEvent)}
        assert [one["id"] for one in mine] == [one["id"] for one in truth if one["id"] in held]
        for reading in truth:
            message = room.kernel.message(reading["id"])
            assert message is None or canonical(message) == reading
        # The browser, which looks up what was pinned while it was out of its sight.
        first = browser.read(ADA.by, room.steps, [])
        for id_ in first.missing:
            room.read_page(pages.about(db, ROOM, ADA.principal, id_))
        read = browser.read(ADA.by, room.steps, room.ids)
        assert read.newest == truth[len(truth) - len(read.newest) :]
        assert kept == FEW or read.newest == mine
        assert read.pinned == [reading["id"] for reading in truth if reading["pinned"]]
        known = {reading["id"] for reading in read.messages}
        assert read.messages == [reading for reading in truth if reading["id"] in known]


@READERS
@given(deeds=meetings(), seed=st.integers(0, 2**16), late=st.booleans())
def test_order_and_repetition_say_nothing(
    browser: Browser, deeds: list[Deed], seed: int, late: bool
) -> None:
    """Kernel's, server's and browser's fold depend on the set of events only, late votes included."""
    events: list[LogEvent] = [deed.event for deed in deeds]
    authors = [deed.author.by for deed in deeds]
    if late:
        # Votes after the end and words after the deletion, as no relay lets them through.
        polls = [e for e in events if isinstance(e, MessageEvent) and e.poll]
        gone = [e for e in events if isinstance(e, DeleteEvent)]
        events += [VoteEvent(poll.id, [1]) for poll in polls] + [*gone]
        authors += [ADA.by] * (len(events) - len(authors))
    entries = [
        LoggedEvent(offset, offset * 1000, by, event)
        for offset, (by, event) in enumerate(zip(authors, events, strict=True), 1)
    ]
    truth = readings(entries)
    mixed = [*entries, *entries]
    random.Random(seed).shuffle(mixed)
    assert readings(mixed) == truth
    step = {"welcome": wire(mixed), "pinned": [], "anew": True}
    read = browser.read(ADA.by, [step], [])
    assert read.newest == truth
    assert read.pinned == [reading["id"] for reading in truth if reading["pinned"]]
