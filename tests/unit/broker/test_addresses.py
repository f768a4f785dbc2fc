"""Which addresses a user's server gives to whom."""

from __future__ import annotations

from typing import Any

import pytest
from meetwidget_server.broker.addresses import readdressed
from meetwidget_server.broker.service import MeetingService
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

SERVICE = "http://10.0.0.7:10101/services/meet/"


def asked(host: str, protocol: str = "http", **headers: str) -> HTTPServerRequest:
    """Returns a call that reached the server under this name."""
    start = RequestStartLine("POST", "/user/ada/meet/api/tickets", "HTTP/1.1")
    named = HTTPHeaders({"Host": host})
    named.update({name.replace("_", "-"): value for name, value in headers.items()})
    request = HTTPServerRequest(start_line=start, headers=named)
    request.protocol = protocol
    return request


def ticket(**fields: Any) -> dict[str, Any]:
    """Returns what the service says to a server that knows it as 10.0.0.7."""
    inner = "ws://10.0.0.7:10101/services/meet/api"
    return {
        "ticket": "t",
        "control_url": f"{inner}/control",
        "media_url": f"{inner}/media",
        "same_origin": True,
        "page_url": "/services/meet/rooms/lab",
        **fields,
    }


def test_through_the_proxy_the_service_is_where_the_server_is() -> None:
    """A browser is given its own host, with TLS if it came by TLS."""
    request = asked("hub.example", "https", X_Forwarded_For="1.2.3.4")
    found = readdressed(ticket(), request, SERVICE)
    assert found["control_url"] == "wss://hub.example/services/meet/api/control"
    assert found["media_url"] == "wss://hub.example/services/meet/api/media"
    assert found["page_url"] == "https://hub.example/services/meet/rooms/lab"
    assert found["same_origin"] is True


def test_beside_the_server_the_service_is_where_the_server_finds_it() -> None:
    """A process that asks directly would look for the service on the server's port in vain."""
    found = readdressed(ticket(), asked("127.0.0.1:8888"), SERVICE)
    assert found["control_url"] == "ws://10.0.0.7:10101/services/meet/api/control"
    assert found["same_origin"] is False


def test_on_the_services_own_domain_it_is_named() -> None:
    """With a domain per user, a kernel's ticket names the domain of the service's page."""
    page = "https://meet--service.hub.example/services/meet/rooms/lab"
    request = asked("ada.hub.example", "https", X_Forwarded_For="1.2.3.4")
    found = readdressed(ticket(page_url=page), request, SERVICE)
    assert found["control_url"] == "wss://meet--service.hub.example/services/meet/api/control"
    assert (found["page_url"], found["same_origin"]) == (page, False)


def test_an_absolute_answer_is_passed_on_as_it_is() -> None:
    """What the service says with ``same_origin: false`` is for browsers already."""
    given = ticket(same_origin=False, control_url="wss://meet.example/x")
    request = asked("ada.hub.example", X_Forwarded_For="1.2.3.4")
    assert readdressed(given, request, SERVICE) == given


@pytest.mark.parametrize("missing", ["MEETWIDGET_HUB_SERVICE", "JUPYTERHUB_API_TOKEN"])
def test_without_a_service_or_a_token_there_is_no_broker(missing: str) -> None:
    """Only a hub that names its service, to a server with a token, makes a broker of it."""
    environ = {
        "MEETWIDGET_HUB_SERVICE": SERVICE.rstrip("/"),
        "JUPYTERHUB_API_TOKEN": "secret",
        "JUPYTERHUB_USER": "ada",
    }
    found = MeetingService.from_environment(environ)
    assert found is not None
    assert (found.url, found.owner) == (SERVICE, "ada")
    assert "secret" not in repr(found)
    assert MeetingService.from_environment({**environ, missing: ""}) is None
