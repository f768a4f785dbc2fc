"""Whom a message names."""

from __future__ import annotations

import pytest

from meetwidget.mentions import mentions_in
from meetwidget.people import Someone
from meetwidget.wire.control import User


def someone(name: str, display: str) -> Someone:
    return Someone(f"p-{name}", User(name, display, "X", "red"), "person")


PEOPLE = [
    someone("ada", "Ada"),
    someone("lovelace", "Ada Lovelace"),
    someone("zoe", "Zoë (Physics)"),
]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("@Ada look", ["ada"]),
        ("@Ada Lovelace, look", ["lovelace"]),
        ("@lovelace!", ["lovelace"]),
        ("hi @Zoë (Physics) and @Ada.", ["zoe", "ada"]),
        ("@Ada @Ada", ["ada"]),
        ("ada@Ada.org", []),
        ("@Adam", []),
        ("@@Ada", []),
        ("`@Ada`", []),
        ("```\n@Ada\n```\n", []),
        ("```\n@Ada\n``` and @Ada", ["ada"]),
        ("nobody", []),
    ],
)
def test_names_are_found_as_people_write_them(body: str, named: list[str]) -> None:
    """Longest name first, whole names only, and never within code or an address."""
    found = mentions_in(body, PEOPLE)
    assert [mention.name for mention in found] == named
    assert all(f"@{mention.text}" in body for mention in found)
