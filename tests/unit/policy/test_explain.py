"""Explanations for administrators."""

from __future__ import annotations

from meetwidget_server.policy import Policy
from meetwidget_server.policy.explain import explain

from tests.unit.policy.people import Rules, person, room

COURSES = """
[[rooms]]
pattern = "{course}/*"
join = ["group:{course}"]
create = ["group:{course}-instructors"]
moderate = ["group:{course}-instructors"]
"""


def test_names_the_rule(rules: Rules) -> None:
    """An explanation names file, line and captures of the rule, and each right with its reason."""
    policy = rules(COURSES)
    text = explain(policy, person("ada", "course-101"), "course-101/lab-3")
    assert f'Rule: [[rooms]] "{{course}}/*" ({policy.source}, line 2), ' in text
    assert "{course} = course-101" in text
    assert "  join         yes  join names group:course-101\n" in text
    assert "  moderate     no   moderate is for group:course-101-instructors\n" in text


def test_tells_the_refusal(rules: Rules) -> None:
    """Who is kept out: the explanation ends with the very sentence that they are shown."""
    policy = rules(COURSES)
    record = room("course-101/lab-3")
    text = explain(policy, person("bob"), record.name, record)
    told = policy.decide(person("bob"), record.name, record).message
    assert text.endswith(f"They are told: {told}")


def test_built_in(rules: Rules) -> None:
    """Without a file the explanation says that the rule is built in."""
    assert "Rule: [default], as built in" in explain(Policy(), person("ada"), "chess")


def test_owner(rules: Rules) -> None:
    """Where the owner moderates, the explanation says so to everybody else."""
    text = explain(Policy(), person("ada"), "chess")
    assert "  moderate     no   moderate is for owner\n" in text
    assert "  own          yes  whoever opens the room owns it, and create names everyone\n" in text


def test_no_room() -> None:
    """A name that no room can have is answered with the naming rule."""
    assert "letters, digits" in explain(Policy(), person("ada"), "a b")
