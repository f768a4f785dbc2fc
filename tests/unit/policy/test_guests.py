"""Guest links: unguessable, for one room, for a while; and what guests may call themselves."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from meetwidget_server.policy.guests import (
    DAY_S,
    GuestRefused,
    GuestRules,
    NewLink,
    check_link,
    digest,
    guest_identity,
    guest_name,
    make_link,
)

patient = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
NOW = 1_800_000_000_000
RULES = GuestRules(max_lifetime=DAY_S, links_per_room=2)


def make(lifetime_s: int | None = 3600, existing: list[NewLink] | None = None) -> NewLink:
    links = [new.link for new in existing or []]
    return make_link("course-101/lab-3", "ada", NOW, lifetime_s, RULES, links)


def test_token_is_not_kept() -> None:
    """A link holds the SHA-256 of a token of 256 bits, and nothing else of it."""
    new = make()
    assert len(new.token) == 43
    assert new.link.digest == hashlib.sha256(new.token.encode()).digest() == digest(new.token)
    assert new.token not in str(asdict(new.link))
    assert make().token != new.token
    assert make().link.id != new.link.id


def test_link_is_bound() -> None:
    """A link names its room, its maker and its end."""
    link = make(3600).link
    assert (link.room, link.created_by) == ("course-101/lab-3", "ada")
    assert (link.created_at, link.expires_at) == (NOW, NOW + 3_600_000)


def test_lifetime() -> None:
    """A link lives as long as the administrator allows at most; unasked, as long as that."""
    assert make(None).link.expires_at == NOW + DAY_S * 1000
    for seconds in (DAY_S + 1, 59, 0, -1):
        with pytest.raises(GuestRefused, match="60 to 86400 seconds") as caught:
            make(seconds)
        assert caught.value.code == "invalid-field"


def test_links_per_room() -> None:
    """A room has so many links that hold at once; revoked ones do not count."""
    links = [make(), make()]
    with pytest.raises(GuestRefused, match="end one first") as caught:
        make(existing=links)
    assert caught.value.code == "too-many"
    links[0] = replace(links[0], link=replace(links[0].link, revoked=True))
    make(existing=links)


def test_check() -> None:
    """A link opens its room until it ends or is revoked; each refusal has the same words."""
    link = make(3600).link
    assert check_link(link, NOW) is link
    assert check_link(link, link.expires_at - 1) is link
    said = set()
    for bad, now in (
        (None, NOW),
        (link, link.expires_at),
        (link, NOW - 1),
        (replace(link, revoked=True), NOW),
    ):
        with pytest.raises(GuestRefused) as caught:
            check_link(bad, now)
        said.add((caught.value.code, str(caught.value)))
    assert len(said) == 1
    assert said.pop()[0] == "bad-link"


@patient
@given(st.text(max_size=100))
def test_any_token_has_a_digest(token: str) -> None:
    """Whatever somebody sends as a token is looked up, and breaks nothing."""
    assert len(digest(token)) == 32


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ada", "Ada (guest)"),
        ("  Ada \t Lovelace\n", "Ada Lovelace (guest)"),
        ("Jos\u0065\u0301", "Jos\u00e9 (guest)"),
        ("李小龍", "李小龍 (guest)"),
        ("Root (kernel)", "Root (kernel) (guest)"),
        ("x" * 40, "x" * 40 + " (guest)"),
    ],
)
def test_name(text: str, name: str) -> None:
    """A guest's name is tidied, and always says that this is a guest."""
    assert guest_name(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "x" * 41,
        "...",
        "Ada\u202eegroeG",
        "Ada\u200b",
        "Ada\x07",
        "\u3164",
        "\ud800",
        "a" + "\u0316" * 10,
    ],
)
def test_bad_name(text: str) -> None:
    """Names that are empty, too long, invisible or turn the text around are refused."""
    with pytest.raises(GuestRefused, match="Give a name") as caught:
        guest_name(text)
    assert caught.value.code == "invalid-name"


@patient
@given(st.text(max_size=60))
def test_no_name_pretends(text: str) -> None:
    """Whatever is typed, the name is one printable line that ends with (guest), or refused."""
    try:
        name = guest_name(text)
    except GuestRefused:
        return
    assert name.isprintable()
    assert name.endswith(" (guest)")
    assert len(name) <= 48


def test_identity() -> None:
    """Each guest is a user of their own, whose name no account of a hub can have."""
    one, other = guest_identity("Ada Lovelace"), guest_identity("Ada Lovelace")
    assert one.kind == "guest"
    assert one.user.name.startswith("guest:")
    assert one.user.name != other.user.name
    assert (one.user.display_name, one.user.initials) == ("Ada Lovelace (guest)", "AL")
