"""Tickets: one use, half a minute, bounded memory."""

from __future__ import annotations

import pytest
from meetwidget_server import tickets
from meetwidget_server.identity import Identity
from meetwidget_server.tickets import Grant, Tickets

from meetwidget.wire.control import User


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def grant(name: str = "ada", room: str = "a") -> Grant:
    return Grant(Identity(User(name, name, "A", "#000"), "person"), room, "browser", "ws:", "ws:")


def test_ticket_gives_its_grant_once() -> None:
    """The first use gets the grant, the second nothing."""
    issued = Tickets(30.0, Time())
    ticket = issued.issue(grant(room="x/y"))
    assert issued.redeem(ticket) == grant(room="x/y")
    assert issued.redeem(ticket) is None


def test_ticket_expires_and_is_forgotten() -> None:
    """At the end of its life a ticket is no good, and takes no memory."""
    time = Time()
    issued = Tickets(30.0, time)
    early, late = issued.issue(grant()), None
    time.now += 29.9
    late = issued.issue(grant())
    time.now += 0.1
    assert issued.redeem(early) is None
    assert len(issued) == 1
    assert issued.redeem(late) is not None


def test_unknown_ticket_is_no_good() -> None:
    """A made-up ticket gives nothing."""
    assert Tickets(30.0, Time()).redeem("made-up") is None


def test_one_user_cannot_fill_the_memory_nor_void_another_ticket() -> None:
    """A user's oldest tickets go first; other users keep theirs."""
    issued = Tickets(30.0, Time())
    other = issued.issue(grant("bob"))
    own = [issued.issue(grant("ada")) for _ in range(tickets.MAX_PER_USER + 5)]
    assert len(issued) == tickets.MAX_PER_USER + 1
    assert issued.redeem(other) is not None
    assert [issued.redeem(ticket) is not None for ticket in own] == [False] * 5 + [
        True
    ] * tickets.MAX_PER_USER


def test_all_users_together_cannot_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound of all tickets the oldest goes."""
    monkeypatch.setattr(tickets, "MAX_TICKETS", 3)
    issued = Tickets(30.0, Time())
    given = [issued.issue(grant(f"u{number}")) for number in range(5)]
    assert [issued.redeem(ticket) is not None for ticket in given] == [
        False,
        False,
        True,
        True,
        True,
    ]


def test_tickets_are_unguessable_and_unlike() -> None:
    """Tickets have 256 random bits."""
    issued = Tickets(30.0, Time())
    given = {issued.issue(grant()) for _ in range(50)}
    assert len(given) == 50
    assert all(len(ticket) >= 43 for ticket in given)
