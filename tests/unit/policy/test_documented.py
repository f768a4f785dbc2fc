"""The examples of docs/rooms-and-rights.md are real files that do what the page says."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from meetwidget_server.policy import Policy
from meetwidget_server.policy.rule import BUILT_IN, KEYS, Rule
from meetwidget_server.policy.term import PREFIXES, WORDS
from meetwidget_server.room import Standing

from tests.unit.policy.people import Rules, guest, inside, person

PAGE = (Path(__file__).parents[3] / "docs" / "rooms-and-rights.md").read_text(encoding="utf-8")


def example(rules: Rules, title: str) -> Policy:
    """Reads the example below a heading."""
    text = PAGE.split(f"### {title}\n", 1)[1].split("```toml\n", 1)[1].split("```", 1)[0]
    return rules(text, allow_guests=True)


@pytest.mark.parametrize("text", re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL))
def test_every_example_is_a_policy(rules: Rules, text: str) -> None:
    """Each file on the page can be used as it stands."""
    assert rules(text).rules


def test_every_key_and_word_is_there() -> None:
    """The page has a row for each key of a rule and each word for people."""
    names = [*KEYS, *WORDS, *(f"{prefix}:NAME" for prefix in PREFIXES)]
    assert [name for name in names if f"| `{name}` |" not in PAGE] == []


def test_defaults_are_as_documented() -> None:
    """What a rule does not say is what the table says."""
    plain = {field.name: getattr(BUILT_IN, field.name) for field in fields(Rule)}
    for key in ("see", "chat", "publish", "moderate"):
        words = ", ".join(f'"{term}"' for term in plain[key])
        assert f"| `{key}` | `[{words}]` |" in PAGE
    for key in ("guests", "hub_moderators"):
        assert f"| `{key}` | `{str(plain[key]).lower()}` |" in PAGE


def test_course(rules: Rules) -> None:
    """A lecture in which staff speak, and rooms of the course in which all do."""
    policy = example(rules, "A course")
    ada = person("ada", "course-101")
    lecture = inside(policy, ada, "course-101/lecture")
    assert (lecture.join, lecture.standing.publish, lecture.standing.role) == (True, False, None)
    assert inside(
        policy, person("tim", "course-101-tutors", "course-101"), "course-101/lecture"
    ).join
    lab = policy.decide(ada, "course-101/lab-3", None)
    assert (lab.join, lab.standing.publish, lab.standing.may_own) == (True, True, False)
    refusal = inside(policy, person("bob", "course-102"), "course-101/lab-3")
    assert f"*{refusal.message}*" in PAGE


def test_office_hour(rules: Rules) -> None:
    """The room is its user's; administrators knock like everybody."""
    policy = example(rules, "A private office hour")
    assert policy.decide(person("emmy"), "office/emmy", None).owns
    assert inside(policy, person("root", admin=True), "office/emmy").standing.waits


def test_exam(rules: Rules) -> None:
    """Candidates wait, watch, and find nothing; instructors do everything."""
    policy = example(rules, "An exam room")
    candidate = inside(policy, person("ada", "course-101"), "exam/course-101")
    assert (candidate.see, candidate.join, candidate.read) == (False, True, False)
    assert (candidate.standing.role, candidate.standing.waits) == ("observer", True)
    staff = inside(policy, person("emmy", "course-101-instructors"), "exam/course-101")
    assert staff.see
    assert staff.standing == Standing(
        role="moderator", most="moderator", may_own=False, passes=True
    )


def test_guests(rules: Rules) -> None:
    """Guests wait, write and watch; staff make the links."""
    policy = example(rules, "Guests")
    visitor = inside(policy, guest(), "open-day/hall")
    assert (visitor.join, visitor.standing.waits, visitor.standing.publish) == (True, True, False)
    assert visitor.standing.role is None
    assert inside(policy, person("ada", "staff"), "open-day/hall").standing.guest_links
    assert not inside(policy, person("bob"), "open-day/hall").standing.guest_links
    assert not inside(policy, guest(), "chess").join
