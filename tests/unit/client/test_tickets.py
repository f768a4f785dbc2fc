"""What a kernel is told when there is no ticket for it."""

from __future__ import annotations

import pytest

from meetwidget.discovery import Endpoint
from meetwidget.tickets import explain, through

SERVER = Endpoint("http://localhost:8888/", "token t")
SERVICE = Endpoint(
    "http://10.0.0.7:10101/services/meet/", "token t", "the hub's environment", service=True
)


@pytest.mark.parametrize("status", [302, 401, 403, 404, 418])
@pytest.mark.parametrize("endpoint", [SERVER, SERVICE], ids=["server", "service"])
def test_every_refusal_names_what_refused(endpoint: Endpoint, status: int) -> None:
    """A hub's service is not called a Jupyter server, nor the other way round."""
    text = str(explain(endpoint, status, b"<html>"))
    assert endpoint.url in text
    assert ("The hub's meeting service at" in text) is endpoint.service
    assert ("The Jupyter server at" in text) is not endpoint.service


@pytest.mark.parametrize("status", [403, 404])
def test_on_a_hub_the_admin_is_told_what_to_run(status: int) -> None:
    """A user cannot install or grant anything on a hub; who can is named, with the command."""
    text = str(explain(SERVICE, status, b""))
    assert "administrator" in text
    assert "meetwidget-hub check" in text
    assert "pip install" not in text


def test_the_relays_own_words_win() -> None:
    """A code and a sentence of the relay are passed on as they are."""
    said = b'{"code": "no-join-scope", "message": "You may not."}'
    failure = explain(SERVICE, 403, said)
    assert (failure.code, str(failure)) == ("no-join-scope", "You may not.")


@pytest.mark.parametrize(
    ("reached", "same_origin", "url"),
    [
        ("https://hub/services/meet/", True, "wss://hub/services/meet/api/control"),
        ("http://hub:8000/services/meet/", True, "ws://hub:8000/services/meet/api/control"),
        ("https://ada.hub/user/ada/", False, "ws://inner:10101/services/meet/api/control"),
    ],
)
def test_a_socket_is_reached_as_the_ticket_was(reached: str, same_origin: bool, url: str) -> None:
    """With ``same_origin`` only the path counts; otherwise the address is taken as it is."""
    given = "ws://inner:10101/services/meet/api/control"
    assert through(reached, given, same_origin) == url
