"""What a user's server forwards: nothing without Jupyter's decision, and nowhere but to rooms."""

from __future__ import annotations

import pytest
from meetwidget_server.assets import PATH
from meetwidget_server.broker.handlers import RoomsHandler, _path, handlers
from meetwidget_server.routes.base import Refusal
from meetwidget_server.routes.jupyter import RichPartsHandler

_METHODS = ("get", "head", "post", "put", "patch", "delete", "options")


def test_every_forwarded_call_has_an_authorization_decision() -> None:
    """Each method of each route asks Jupyter's authorizer; health alone is open on purpose.

    So are files of the interface, which are not forwarded and the same for everybody.
    """
    open_on_purpose = set()
    for path, handler in handlers():
        if handler is RichPartsHandler:
            assert path == f"/meet/{PATH}"
            continue
        assert handler.auth_resource == "meet"
        for name in _METHODS:
            method = getattr(handler, name)
            if getattr(method, "__allow_unauthenticated", False):
                open_on_purpose.add((handler.__name__, name))
            elif method.__qualname__.split(".")[0].startswith(handler.__name__):
                # `authorized` wraps in a coroutine named `inner`, kept by functools.wraps.
                assert method.__code__.co_name == "inner", f"{handler.__name__}.{name}"
                assert "is_authorized" in method.__code__.co_names
    assert (("HealthHandler", "get")) in open_on_purpose
    assert not [
        who for who, method in open_on_purpose if method != "options" and who != "HealthHandler"
    ]
    assert RoomsHandler in dict(handlers()).values()


def test_no_socket_is_served_beside_the_service() -> None:
    """A user's server on a hub has no relay: there is no control and no media route."""
    assert not [path for path, _ in handlers() if "control" in path or "media" in path]


@pytest.mark.parametrize("below", ["..", "a/../../users", "a//b", "/a", "a/", "./a", "a/.."])
def test_path_cannot_lead_out_of_rooms(below: str) -> None:
    """An empty part or dots in a room's path are refused before anything is sent."""
    with pytest.raises(Refusal) as caught:
        _path(below)
    assert (caught.value.status_code, caught.value.code) == (400, "invalid-room")


@pytest.mark.parametrize(
    ("below", "path"),
    [
        (None, "rooms"),
        ("course-101/lab-3/messages", "rooms/course-101/lab-3/messages"),
        ("a?b#c/messages", "rooms/a%3Fb%23c/messages"),
        ("ä b\n/messages", "rooms/%C3%A4%20b%0A/messages"),
    ],
)
def test_path_is_escaped_anew(below: str | None, path: str) -> None:
    """What was decoded cannot become a query, a fragment or a header."""
    assert _path(below) == path
