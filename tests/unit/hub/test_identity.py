"""From a hub's word on a token to who somebody is: people, kernels, and borrowed tokens."""

from __future__ import annotations

from typing import Any

import pytest
from meetwidget_server.hub.identity import caller_of, is_admin, is_person, via
from meetwidget_server.routes.base import Refusal

from tests.unit.hub.small_hub import model


def test_token_of_a_login_session_is_a_person() -> None:
    """The name is the hub's, the kind person, and the policy learns groups and scopes."""
    caller = caller_of(model("ada", groups=["physics"]), "t", "browser")
    assert (caller.identity.kind, caller.identity.user.name) == ("person", "ada")
    assert caller.subject is not None
    assert caller.subject.groups == {"physics"}
    assert "custom:meet:join" in caller.subject.scopes
    assert caller.credential == "t"


@pytest.mark.parametrize("session", [None, ""])
def test_token_without_a_session_is_a_kernel_at_most(session: str | None) -> None:
    """A server's token asks for a kernel; for a browser it is refused."""
    found = model("ada", session_id=session, admin=True)
    caller = caller_of(found, "t", "kernel")
    assert (caller.identity.kind, caller.identity.user.display_name) == ("kernel", "Ada (kernel)")
    assert caller.subject is not None
    assert (caller.subject.kind, caller.subject.admin) == ("kernel", False)
    assert caller_of(found, "t", None).identity.kind == "kernel"
    with pytest.raises(Refusal) as caught:
        caller_of(found, "t", "browser")
    assert (caught.value.status_code, caught.value.code) == (403, "not-in-person")


def test_a_person_may_ask_for_a_kernel_and_gets_no_more() -> None:
    """Who asks for a kernel's ticket is a kernel, administrator or not."""
    caller = caller_of(model("ada", admin=True), "t", "kernel")
    assert caller.identity.kind == "kernel"
    assert caller.subject is not None
    assert not caller.subject.admin


@pytest.mark.parametrize("client", ["browser", "kernel", None])
def test_service_is_nobody(client: Any) -> None:
    """A service's token opens nothing, whatever scopes it has."""
    found = {**model("ci"), "kind": "service"}
    with pytest.raises(Refusal) as caught:
        caller_of(found, "t", client)
    assert caught.value.code == "not-a-user"


@pytest.mark.parametrize("broken", [{"name": ""}, {"name": None}, {"kind": None}])
def test_incomplete_word_is_nobody(broken: dict[str, Any]) -> None:
    """What lacks a name or a kind is refused."""
    with pytest.raises(Refusal):
        caller_of({**model("ada"), **broken}, "t", "browser")


def test_token_from_another_users_server_is_marked() -> None:
    """It carries the server's owner, who can read it, and no administrator's rights."""
    found = model("ada", admin=True, scopes=["custom:meet:join", "access:servers!server=mallory/"])
    caller = caller_of(found, "t", "browser")
    assert caller.subject is not None
    assert (caller.subject.via, caller.subject.admin) == ("mallory", False)


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("access:servers!server=ada/", ""),
        ("access:servers!server=ada/lab", ""),
        ("access:servers!server=adam/", "adam"),
        ("access:servers!server=bob/lab", "bob"),
        ("access:servers!user=ada", ""),
        ("access:servers!user=bob", "bob"),
        ("access:servers!group=staff", "another user"),
        ("access:servers", "another user"),
        ("access:services!service=meet", ""),
        ("access:services", ""),
    ],
)
def test_whose_server_a_token_came_through(scope: str, expected: str) -> None:
    """Only servers of others count, and a name that merely begins alike is another's."""
    assert via({"name": "ada", "scopes": [scope]}) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, False),
        ({"admin": True}, True),
        ({"admin": True, "session_id": None}, False),
        ({"admin": True, "scopes": ["access:servers!server=bob/"]}, False),
        ({"scopes": ["admin:users"], "session_id": None}, True),
        ({"scopes": ["admin:users!user=ada"]}, False),
        ({"scopes": ["admin:users"], "kind": "service", "session_id": None}, True),
        ({"admin": True, "kind": "service"}, False),
    ],
)
def test_who_acts_on_everybodys_data(changes: dict[str, Any], expected: bool) -> None:
    """An admin in person, or a token with the scope for all users; nobody by halves."""
    assert is_admin({**model("ada"), **changes}) is expected


def test_session_of_a_service_is_no_person() -> None:
    """The kind counts as well as the session."""
    assert is_person(model("ada"))
    assert not is_person({**model("ada"), "kind": "service"})
