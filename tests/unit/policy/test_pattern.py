"""Patterns match whole room names, in one way only."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from meetwidget_server.policy.pattern import BadPattern, parse_pattern

patient = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
SEGMENT = st.from_regex(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,8}", fullmatch=True)


@pytest.mark.parametrize(
    ("pattern", "room", "captures"),
    [
        ("physics", "physics", {}),
        ("physics", "physics-101", None),
        ("physics", "Physics", None),
        ("physics.1", "physicsx1", None),
        ("{course}/*", "course-101/lab-3", {"course": "course-101"}),
        ("{course}/*", "course-101", None),
        ("{course}/*", "course-101/lab-3/left/desk", {"course": "course-101"}),
        ("course-{n}", "course-101", {"n": "101"}),
        ("course-{n}", "course-", None),
        ("*/hall", "a/hall", {}),
        ("*/hall", "a/b/hall", None),
        ("lab-*", "lab-1", {}),
        ("lab-*", "lab-1/desk", None),
        ("*", "anything/at/all", {}),
        ("home/{user}", "home/ada", {"user": "ada"}),
        ("home/{user}", "home/ada/desk", None),
    ],
)
def test_match(pattern: str, room: str, captures: dict[str, str] | None) -> None:
    """A wildcard stays in its segment, except for a final one, which holds all that is below."""
    assert parse_pattern(pattern).match(room) == captures


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("", "1 to 128 characters"),
        ("a//b", "match no room"),
        ("/a", "match no room"),
        ("a b", "match no room"),
        ("kurs-ä", "match no room"),
        ("a{b", "match no room"),
        ("**", "more than one"),
        ("{a}-{b}", "more than one"),
        ("{a}/{a}", "twice"),
        ("{Course}", "small letters"),
        ("{}", "small letters"),
    ],
)
def test_bad_pattern(pattern: str, says: str) -> None:
    """A pattern that could match nothing, or in two ways, is refused with what to change."""
    with pytest.raises(BadPattern, match=says):
        parse_pattern(pattern)


@patient
@given(st.lists(SEGMENT, min_size=1, max_size=4), SEGMENT)
def test_no_room_below_escapes(segments: list[str], below: str) -> None:
    """What matches ``name/*`` still matches with more below it, with the same captures."""
    pattern = parse_pattern("{course}/*")
    room = "/".join(["course", *segments])
    assert pattern.match(room) == pattern.match(f"{room}/{below}") == {"course": "course"}


@patient
@given(SEGMENT, SEGMENT)
def test_literal_is_only_itself(one: str, other: str) -> None:
    """A pattern without wildcards is for the room of that name and for no other."""
    assert (parse_pattern(one).match(other) is not None) == (one == other)
