"""The relay's stamps for people and kernels."""

from __future__ import annotations

import re

import pytest
from jupyter_server.auth.identity import User as JupyterUser
from meetwidget_server.identity import (
    color,
    initials,
    kernel,
    kernel_secret,
    named,
    person,
    shows_secret,
)
from msgspec import UNSET


def test_person_carries_what_the_identity_provider_says() -> None:
    """All that Jupyter knows of a person is in the stamp."""
    stamp = person(
        JupyterUser("ada", "Ada", "Ada Lovelace", "AL", "https://example.org/a.png", "#abcdef")
    )
    assert stamp.kind == "person"
    assert (stamp.user.name, stamp.user.display_name, stamp.user.initials) == (
        "ada",
        "Ada Lovelace",
        "AL",
    )
    assert (stamp.user.color, stamp.user.avatar_url) == ("#abcdef", "https://example.org/a.png")


def test_person_of_whom_only_the_name_is_known() -> None:
    """Initials and color are made up, the same every time."""
    stamp = person(JupyterUser("ada"))
    assert (stamp.user.display_name, stamp.user.initials) == ("ada", "AD")
    assert re.fullmatch("#[0-9a-f]{6}", stamp.user.color)
    assert stamp == person(JupyterUser("ada"))
    assert stamp.user.avatar_url is UNSET


def test_kernel_is_labelled_as_its_owners() -> None:
    """A kernel is of kind kernel, says whose it is, and never passes as the person."""
    stamp = kernel("ada")
    assert stamp.kind == "kernel"
    assert (stamp.user.name, stamp.user.display_name) == ("ada", "Ada (kernel)")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Ada Lovelace", "AL"), ("ada", "AD"), ("x", "X"), ("Élise von Trapp", "ÉT"), ("  ", "?")],
)
def test_initials(name: str, expected: str) -> None:
    """First letters of the first and the last word."""
    assert initials(name) == expected


def test_colors_differ() -> None:
    """Many people get most of the colors."""
    assert len({color(f"user-{number}") for number in range(200)}) > 8


def test_white_initials_are_readable_on_every_color() -> None:
    """White on each color has a contrast of at least 4.5 to 1 (WCAG AA)."""

    def linear(part: str) -> float:
        value = int(part, 16) / 255
        return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4

    for number in range(300):
        red, green, blue = (linear(color(str(number))[at : at + 2]) for at in (1, 3, 5))
        luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
        assert 1.05 / (luminance + 0.05) >= 4.5, color(str(number))


def test_a_kernel_that_chose_a_name_is_still_somebodys_kernel() -> None:
    """Whatever it calls itself, the owner's user name and the kind follow."""
    stamp = named(kernel("ada"), " Ben (kernel) ")
    assert stamp.user.name == "ada"
    assert stamp.user.display_name == "Ben (kernel) · ada (kernel)"
    assert stamp.kind == "kernel"
    assert named(kernel("ada"), "Quiz").user.color != named(kernel("ada"), "Edges").user.color


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "two\nlines", "right\u202eleft"])
def test_a_name_that_cannot_be_read_is_refused(name: str) -> None:
    """Empty, endless, or with signs that are not seen."""
    with pytest.raises(ValueError, match="visible"):
        named(kernel("ada"), name)


def test_secret_lasts_as_long_as_the_cookies_and_reveals_nothing() -> None:
    """The same cookie secret gives the same secret; another one another."""
    first = kernel_secret(b"cookie")
    assert first == kernel_secret(b"cookie") != kernel_secret(b"other")
    assert "cookie" not in first


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("meet s", True),
        ("Meet  s ", True),
        ("token s", False),
        ("meet t", False),
        ("meet", False),
        ("s", False),
        ("", False),
        (None, False),
        ("meet \u00e9", False),
    ],
)
def test_secret_is_recognised_in_its_own_scheme_only(header: str | None, expected: bool) -> None:
    """Only `Authorization: meet <secret>` counts."""
    assert shows_secret(header, "s") is expected
