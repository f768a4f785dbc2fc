"""Logs as a room makes them, for property tests: what people did, in the order the relay kept it."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

from meetwidget.wire.control import By, FileRef, Kind, Location, Mention, Poll, User
from meetwidget.wire.log import (
    ClearEvent,
    CloseEvent,
    DeleteEvent,
    EditEvent,
    LogEvent,
    MessageEvent,
    PinEvent,
    ReactionEvent,
    VoteEvent,
)

LEAST = 20
MOST = 60
"""Things that happen in one meeting."""
OPTIONS = ["one", "two", "three"]


@dataclass(frozen=True)
class Author:
    """Somebody in the room."""

    by: By

    @property
    def principal(self) -> str:
        """By which the store knows them."""
        return f"{self.by.kind}:{self.by.user.name}"


def _author(id_: str, name: str, kind: Kind) -> Author:
    return Author(By(id_, User(name, name.title(), name[:1].upper(), "#123456"), kind))


ADA = _author("p1", "ada", "person")
PEOPLE = [
    ADA,
    _author("p2", "ada", "person"),  # the same from another device
    _author("p3", "ada", "kernel"),
    _author("p4", "bob", "person"),
    _author("p5", "eve", "guest"),
]


@dataclass(frozen=True)
class Deed:
    """What somebody did, and who besides them hears of it; ``None``: everybody."""

    author: Author
    event: LogEvent
    audience: frozenset[str] | None = None


@dataclass(frozen=True)
class _Draft:
    kind: str
    who: int
    which: int
    word: str
    on: bool
    places: list[int]


_DRAFTS = st.builds(
    _Draft,
    kind=st.sampled_from(
        [
            "message",
            "message",
            "poll",
            "poll",
            "private",
            "rich",
            "edit",
            "delete",
            "close",
            "close",
            "reaction",
            "reaction",
            "reaction",
            "vote",
            "vote",
            "vote",
            "pin",
            "pin",
        ]
    ),
    who=st.integers(0, len(PEOPLE) - 1),
    which=st.integers(0, 30),
    word=st.sampled_from(["a", "b"]),
    on=st.booleans(),
    places=st.sets(st.integers(0, 2)).map(sorted),
)


def meetings() -> st.SearchStrategy[list[Deed]]:
    """Returns what happened in a room, by the rules the relay holds people to.

    Never little: things that get into each other's way need some company.
    """
    drafts = st.lists(_DRAFTS, min_size=LEAST, max_size=MOST)
    clears = st.one_of(st.just(set[int]()), st.sets(st.integers(0, MOST), max_size=2))
    return st.tuples(drafts, clears).map(lambda pair: _meeting(*pair))


def _meeting(drafts: list[_Draft], clears: set[int]) -> list[Deed]:
    deeds: list[Deed] = []
    open_: dict[str, Deed] = {}
    """Messages about which something may be said, by id."""
    ended: set[str] = set()
    for number, draft in enumerate(drafts):
        author = PEOPLE[draft.who]
        if number in clears:
            deeds.append(Deed(author, ClearEvent()))
            open_.clear()
            continue
        ids = [id_ for id_, deed in open_.items() if _fits(draft.kind, deed.event)]
        about = open_[ids[draft.which % len(ids)]] if ids else None
        deed = None if about is None else _later(draft, author, about, ended)
        if deed is None:
            deed = _said(draft, author, f"m{number}", list(open_))
            assert isinstance(deed.event, MessageEvent)
            open_[deed.event.id] = deed
        elif isinstance(deed.event, DeleteEvent):
            del open_[deed.event.id]
        elif isinstance(deed.event, CloseEvent):
            ended.add(deed.event.id)
        deeds.append(deed)
    return deeds


def _fits(kind: str, event: LogEvent) -> bool:
    """Whether a message is one that people do such a thing to: only polls are voted in."""
    poll = isinstance(event, MessageEvent) and isinstance(event.poll, Poll)
    return poll or kind not in ("vote", "close")


def _said(draft: _Draft, author: Author, id_: str, ids: list[str]) -> Deed:
    event = MessageEvent(id_, draft.word)
    if draft.kind == "poll":
        event.poll = Poll(OPTIONS, draft.on)
    elif draft.kind == "rich":
        event.data = {"text/plain": draft.word}
        event.files = [FileRef(f"file-{id_}", "a.txt", "text/plain", 1)]
        event.mentions = [Mention("ada", "Ada")]
        event.location = Location("a.ipynb")
        if ids:
            event.reply_to = ids[0]
    elif draft.kind == "private":
        reader = PEOPLE[draft.which % len(PEOPLE)]
        event.to = [reader.by.id]
        event.readers = [reader.by.user]
        return Deed(author, event, frozenset({reader.principal, author.principal}))
    return Deed(author, event)


def _later(draft: _Draft, author: Author, about: Deed, ended: set[str]) -> Deed | None:
    """Returns what is done to a message; ``None`` where the relay would refuse it."""
    assert isinstance(about.event, MessageEvent)
    id_, audience = about.event.id, about.audience
    if audience is not None and author.principal not in audience:
        return None
    match draft.kind:
        case "edit":
            return Deed(about.author, EditEvent(id_, f"{draft.word}!"), audience)
        case "delete":
            return Deed(about.author, DeleteEvent(id_), audience)
        case "reaction":
            return Deed(author, ReactionEvent(id_, draft.word, draft.on), audience)
        case "pin" if audience is None:
            return Deed(author, PinEvent(id_, draft.on))
        case "close" if isinstance(about.event.poll, Poll):
            return Deed(about.author, CloseEvent(id_))
        case "vote" if isinstance(about.event.poll, Poll) and id_ not in ended:
            places = draft.places if about.event.poll.multiple else draft.places[:1]
            return Deed(author, VoteEvent(id_, places))
    return None
