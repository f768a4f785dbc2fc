"""Folding a room's log into messages."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies as st

from meetwidget import chat_log
from meetwidget.chat_log import KEPT_EVENTS, TRIMMED_EVENTS, ChatLog, fold
from meetwidget.wire.control import (
    By,
    ClearEvent,
    CloseEvent,
    DeleteEvent,
    EditEvent,
    LogEvent,
    LoggedEvent,
    MessageEvent,
    PinEvent,
    Poll,
    ReactionEvent,
    User,
    VoteEvent,
)

ADA = By("p1", User("ada", "Ada", "A", "red"), "person")
BEN = By("p2", User("ben", "Ben", "B", "blue"), "person")


def entry(offset: int, event: LogEvent, by: By = ADA) -> LoggedEvent:
    return LoggedEvent(offset=offset, at=offset * 1000, by=by, event=event)


def said(offset: int, body: str = "hi") -> LoggedEvent:
    return entry(offset, MessageEvent(id=f"m{offset}", body=body))


def test_edits_and_deletions_are_applied() -> None:
    """What people read is the last body, and nothing of what was deleted."""
    messages = fold(
        [
            said(1, "one"),
            said(2, "two"),
            entry(3, EditEvent(id="m1", body="uno")),
            entry(4, DeleteEvent(id="m2")),
        ]
    )
    assert [(m.body, m.edited) for m in messages] == [("uno", True)]


def test_reactions_come_and_go_per_user() -> None:
    """One user's second connection does not count twice, and off takes it off."""
    again = By("p9", ADA.user, "person")
    entries = [
        said(1),
        entry(2, ReactionEvent(id="m1", emoji="🎉", on=True), ADA),
        entry(3, ReactionEvent(id="m1", emoji="🎉", on=True), again),
        entry(4, ReactionEvent(id="m1", emoji="🎉", on=True), BEN),
    ]
    (message,) = fold(entries)
    assert [who.name for who in message.reactions["🎉"]] == ["ada", "ben"]
    off = [
        entry(5 + i, ReactionEvent(id="m1", emoji="🎉", on=False), by)
        for i, by in enumerate((ADA, BEN))
    ]
    (message,) = fold([*entries, *off])
    assert message.reactions == {}


def test_a_cleared_chat_starts_again() -> None:
    """Nothing before a clear is shown."""
    assert [m.id for m in fold([said(1), entry(2, ClearEvent()), said(3)])] == ["m3"]


def test_what_is_about_an_unknown_message_changes_nothing() -> None:
    """History begins somewhere: an edit may come without its message."""
    assert fold([entry(7, EditEvent(id="m1", body="x")), entry(8, DeleteEvent(id="m2"))]) == []


def test_own_messages_are_marked() -> None:
    """``mine`` follows the participant id, which changes when the relay restarts."""
    messages = fold([said(1), entry(2, MessageEvent(id="m2", body="b"), BEN)], frozenset({"p2"}))
    assert [m.mine for m in messages] == [False, True]


def test_the_first_welcome_is_history_not_news() -> None:
    """Callbacks must not fire for what was said before we came."""
    log = ChatLog()
    assert log.welcome("e", 2, True, [said(1), said(2)]) == []
    assert [e.offset for e in log.entries] == [1, 2]


def test_a_recovered_welcome_brings_what_was_missed() -> None:
    """After a reconnect everything since is news, once."""
    log = ChatLog()
    log.welcome("e", 1, True, [said(1)])
    assert log.add(said(2))
    missed = log.welcome("e", 4, True, [said(2), said(3), said(4)])
    assert [e.offset for e in missed] == [3, 4]
    assert [e.offset for e in log.entries] == [1, 2, 3, 4]
    assert not log.add(said(4))


def test_a_hole_empties_the_log_before_it() -> None:
    """An unrecovered welcome may leave a hole, so what is held starts after it."""
    log = ChatLog()
    log.welcome("e", 1, True, [said(1)])
    missed = log.welcome("e", 900, False, [said(899), said(900)])
    assert [e.offset for e in missed] == [899, 900]
    assert [e.offset for e in log.entries] == [899, 900]


def test_another_epoch_is_another_log() -> None:
    """A lost log counts anew: its low offsets are neither known nor missed."""
    log = ChatLog()
    log.welcome("e", 9, True, [said(9)])
    assert log.welcome("f", 1, False, [said(1)]) == []
    assert [e.offset for e in log.entries] == [1]
    assert log.add(said(2))


@given(st.lists(st.integers(1, 30), max_size=60))
def test_offsets_are_taken_in_order_and_once(offsets: list[int]) -> None:
    """Whatever the relay repeats, an entry is news at most once and entries stay sorted."""
    log = ChatLog()
    log.welcome("e", 0, True, [])
    news = [offset for offset in offsets if log.add(said(offset))]
    assert news == sorted(set(news))
    assert [e.offset for e in log.entries] == news


def test_memory_is_bounded() -> None:
    """A talkative room does not grow a kernel without end."""
    log = ChatLog()
    log.welcome("e", 0, True, [])
    for offset in range(1, KEPT_EVENTS + 2 * TRIMMED_EVENTS):
        log.add(said(offset))
        assert len(log.entries) <= KEPT_EVENTS + TRIMMED_EVENTS
    oldest = log.entries[0].offset
    assert [r.offset for r in log.messages()] == [e.offset for e in log.entries]
    assert log.message(f"m{oldest}") is not None
    assert log.message(f"m{oldest - 1}") is None


def test_pinned_messages_are_kept_beside_the_newest() -> None:
    """An old pinned message can be read as it reads now, and is no part of the newest stretch."""
    log = ChatLog()
    old = [
        said(3),
        entry(5, PinEvent(id="m3", on=True)),
        entry(6, EditEvent(id="m3", body="as it is now")),
    ]
    log.welcome("e", 901, False, [said(900), said(901)], old)
    assert [r.id for r in log.messages()] == ["m900", "m901"]
    assert [r.body for r in log.pinned()] == ["as it is now"]
    log.add(entry(902, PinEvent(id="m900", on=True)))
    assert [r.id for r in log.pinned()] == ["m3", "m900"]
    log.add(entry(903, PinEvent(id="m3", on=False)))
    assert [r.id for r in log.pinned()] == ["m900"]
    reading = log.message("m3")
    assert reading is not None
    assert not reading.pinned


def test_pinned_messages_outlast_trimming(monkeypatch: pytest.MonkeyPatch) -> None:
    """What leaves the newest stretch stays readable while it is pinned."""
    monkeypatch.setattr(chat_log, "KEPT_EVENTS", 10)
    monkeypatch.setattr(chat_log, "TRIMMED_EVENTS", 5)
    log = ChatLog()
    log.welcome("e", 3, True, [said(1), said(2), entry(3, PinEvent(id="m1", on=True))])
    for offset in range(4, 40):
        log.add(said(offset))
    assert [r.id for r in log.pinned()] == ["m1"]
    assert log.message("m2") is None
    log.add(entry(40, PinEvent(id="m1", on=False)))
    for offset in range(41, 60):
        log.add(said(offset))
    assert log.pinned() == []
    assert log.message("m1") is None


def test_a_poll_is_read_with_its_votes_and_its_end() -> None:
    """A vote replaces an earlier one, counts once a user, and not after the end."""
    again = By("p9", ADA.user, "person")
    (message,) = fold(
        [
            entry(1, MessageEvent(id="m1", body="Q?", poll=Poll(["A", "B"]))),
            entry(2, VoteEvent(id="m1", options=[0]), ADA),
            entry(3, VoteEvent(id="m1", options=[0]), BEN),
            entry(4, VoteEvent(id="m1", options=[1]), again),
            entry(5, CloseEvent(id="m1")),
            entry(6, VoteEvent(id="m1", options=[1]), BEN),
        ]
    )
    assert message.poll is not None
    assert message.poll.results == {"A": 1, "B": 1}
    assert [(vote.by.name, vote.options) for vote in message.poll.votes] == [
        ("ben", ("A",)),
        ("ada", ("B",)),
    ]
    assert message.poll.closed
    assert str(message).endswith("Ada: Q? [poll, closed: A: 1, B: 1]")
