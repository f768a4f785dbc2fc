"""People as programs see them."""

from __future__ import annotations

from meetwidget.people import People, Person, Someone
from meetwidget.wire.control import By, Participant, ParticipantState, User

ADA = User("ada", "Ada Lovelace", "AL", "#0072b2")


def person(id_: str = "p1", you: str = "", **state: bool) -> Person:
    participant = Participant(id_, ADA, "person", "member", ParticipantState(**state), 1000)
    return Person.from_wire(participant, you)


def test_somebody_is_the_same_whatever_they_do() -> None:
    """A person from yesterday's list, and the author of a message, are found in today's."""
    before, now = person(), person(hand=True, camera=True)
    author = Someone.of(By("p1", ADA, "person"))
    assert before == now == author
    assert before in People([now])
    assert {before: 1}[now] == 1
    assert not before.looks_like(now)
    assert person() != person("p2"), "two connections of one user are two participants"


def test_people_print_as_people() -> None:
    """What a cell shows is one readable line each."""
    ada, you = person(hand=True, camera=True), person("p2", you="p2")
    assert repr(People([ada, you])) == "<Ada Lovelace: camera, hand up>\n<Ada Lovelace: you>"
    assert str(ada) == "Ada Lovelace"
    assert (ada.name, ada.display_name, ada.user.initials) == ("ada", "Ada Lovelace", "AL")
    assert repr(People([])) == "(nobody)"


def test_people_are_a_sequence() -> None:
    """Length, index and slices work as in a list."""
    people = People([person("a"), person("b"), person("c")])
    assert len(people) == 3
    assert people[0].id == "a"
    assert [p.id for p in people[1:]] == ["b", "c"]
