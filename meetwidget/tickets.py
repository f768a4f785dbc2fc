"""Asks a Jupyter server, or a hub's service, for the single-use ticket of a control socket."""

from __future__ import annotations

import json
import ssl
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.simple_httpclient import HTTPStreamClosedError, HTTPTimeoutError

from meetwidget.discovery import Endpoint
from meetwidget.errors import JoinFailed
from meetwidget.sockets import uncancelled

REQUEST_SECONDS = 10.0
"""Longest wait for an answer before the attempt counts as failed."""

CLIENT: Literal["browser", "kernel"] = "kernel"
"""What this client says it is; the relay stamps its participants so."""

TRANSIENT_STATUS = frozenset({408, 425, 429, 500, 502, 503, 504, 599})
"""Answers of a server, or of a proxy before it, that is starting, stopping or overloaded."""


class Unreachable(Exception):
    """No answer, or a temporary one: worth another attempt."""


@dataclass(frozen=True)
class Ticket:
    """Opens one control socket."""

    ticket: str
    control_url: str
    same_origin: bool


async def fetch_ticket(endpoint: Endpoint, room: str, alias: str | None = None) -> Ticket:
    """Returns a fresh ticket for ``room``.

    Args:
        endpoint: the relay.
        room: its name.
        alias: what to be called there; servers that do not let kernels choose ignore it.

    Raises:
        Unreachable: try again later.
        JoinFailed: trying again is of no use; the message says why.
    """
    request = HTTPRequest(
        f"{endpoint.api}tickets",
        method="POST",
        headers=headers(endpoint),
        body=json.dumps(
            {"room": room, "client": CLIENT, **({} if alias is None else {"name": alias})}
        ),
        connect_timeout=REQUEST_SECONDS,
        request_timeout=REQUEST_SECONDS,
        follow_redirects=False,
    )
    client = AsyncHTTPClient(force_instance=True)
    try:
        response = await uncancelled(client.fetch(request))
    except HTTPClientError as error:
        if isinstance(error, HTTPTimeoutError | HTTPStreamClosedError):
            raise Unreachable(f"{endpoint.url} does not answer") from None
        if error.code in TRANSIENT_STATUS:
            raise Unreachable(f"{endpoint.url} answers {error.code}") from None
        body = error.response.body if error.response is not None else b""
        raise explain(endpoint, error.code, body) from None
    except ssl.SSLError as error:
        raise JoinFailed(
            f"The certificate of {endpoint.url} is not trusted ({error.reason}). Set SSL_CERT_FILE "
            "to a file with the certificate of its authority."
        ) from None
    except (TimeoutError, OSError) as error:
        raise Unreachable(f"{endpoint.url} cannot be reached: {error}") from None
    finally:
        client.close()
    try:
        answer = json.loads(response.body)
        return Ticket(
            str(answer["ticket"]),
            str(answer["control_url"]),
            bool(answer.get("same_origin", False)),
        )
    except (ValueError, KeyError, TypeError):
        raise JoinFailed(
            f"{endpoint.description} gave no ticket; is meetwidget up to date there?"
        ) from None


def headers(endpoint: Endpoint) -> dict[str, str]:
    """Returns the request headers that every call of the REST API needs."""
    found = {"Content-Type": "application/json", "Accept": "application/json"}
    if endpoint.authorization:
        found["Authorization"] = endpoint.authorization
    return found


def explain(endpoint: Endpoint, status: int, body: bytes) -> JoinFailed:
    """Returns the exception for an answer that no retry will change."""
    try:
        answer: Any = json.loads(body)
    except ValueError:
        answer = None
    known = isinstance(answer, dict) and "code" in answer and answer.get("message")
    if known and answer["code"] != "not-signed-in":
        return JoinFailed(str(answer["message"]), str(answer["code"]))
    if status == 404:
        return JoinFailed(
            f"{endpoint.description} does not relay meetings. {_install(endpoint)}", "no-extension"
        )
    if status in (401, 403) or 300 <= status < 400:  # a redirect leads to a login page
        return JoinFailed(
            f"{endpoint.description} did not accept the credentials. {_hint(endpoint)}",
            "not-signed-in",
        )
    return JoinFailed(f"{endpoint.description} answered {status}.", "bad-answer")


def _install(endpoint: Endpoint) -> str:
    if endpoint.service:
        return "Ask the hub's administrator to run `meetwidget-hub check`."
    return "Install meetwidget in its environment (`pip install meetwidget`) and restart it."


def _hint(endpoint: Endpoint) -> str:
    if not endpoint.authorization:
        return "Give its token: token='…'."
    if endpoint.service and endpoint.found_by != "arguments":
        return (
            "Stop your server and start it again, for a fresh token; if that does not help, ask "
            "the hub's administrator to run `meetwidget-hub check`."
        )
    return "Check token='…'."


def through(endpoint_url: str, socket_url: str, same_origin: bool) -> str:
    """Returns ``socket_url`` as reached by the way that reached the server.

    A proxy rewrites the Host that a server sees, so a relay on the same origin is addressed by
    the host and scheme this client used, with the path the relay gave.
    """
    if not same_origin:
        return socket_url
    base, target = urlsplit(endpoint_url), urlsplit(socket_url)
    scheme = "wss" if base.scheme == "https" else "ws"
    return urlunsplit((scheme, base.netloc, target.path, target.query, ""))
