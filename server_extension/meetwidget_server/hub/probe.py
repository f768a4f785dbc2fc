"""``meetwidget-hub check`` on a running hub: what this token and this place can reach.

In a terminal of a user's server it needs no arguments; it asks the hub and the service just as
the server and its kernels do. It opens no room.
"""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import meetwidget
from meetwidget_server.hub.deployment import (
    DEFAULT_NAME,
    JOIN,
    MODERATE,
    SERVICE_VARIABLE,
    Deployment,
)
from meetwidget_server.hub.findings import Finding, note, right, wrong

TIMEOUT_S = 10.0
"""Longest wait for an answer."""
ENABLE = "enable(c)  # in jupyterhub_config.py, then restart the hub and this server"
_UPGRADE_IN_PROXY = "docs/deploy/jupyterhub.md shows what a proxy in front must pass on"


class NoAnswer(Exception):
    """Nobody answered; the text says why, to end a sentence with."""


@dataclass(frozen=True)
class Place:
    """Where to ask, and as whom."""

    hub_api: str
    """The hub's REST API, like ``http://127.0.0.1:8081/hub/api``."""
    token: str
    service: str
    """Base URL of the service with a final slash; empty if nobody said."""
    public: str = ""
    """The hub as browsers reach it; empty: not checked."""
    name: str = DEFAULT_NAME

    @classmethod
    def of(
        cls,
        environ: Mapping[str, str],
        *,
        hub_api: str | None = None,
        token: str | None = None,
        service: str | None = None,
        public: str | None = None,
        name: str = DEFAULT_NAME,
    ) -> Place:
        """Returns the place that arguments and, without them, the environment name."""
        return cls(
            (hub_api or environ.get("JUPYTERHUB_API_URL", "")).rstrip("/"),
            token or environ.get("JUPYTERHUB_API_TOKEN", ""),
            service or environ.get(SERVICE_VARIABLE, ""),
            public or "",
            name,
        )


def check_live(place: Place) -> list[Finding]:
    """Returns what works from here and what does not."""
    if not place.hub_api or not place.token:
        return [
            wrong(
                "This is no terminal of a user's server on a hub, so it is not known whom to ask.",
                "meetwidget-hub check --hub-api http://HUB:8081/hub/api --token TOKEN, or\n"
                "meetwidget-hub check --config jupyterhub_config.py",
            )
        ]
    return list(_findings(place))


def _findings(place: Place) -> Iterator[Finding]:
    try:
        status, model = ask(f"{place.hub_api}/user", place.token)
    except NoAnswer as why:
        yield wrong(f"The hub does not answer at {place.hub_api}: {why}.")
        return
    if status != HTTPStatus.OK or not isinstance(model, dict):
        yield wrong(f"The hub does not know this token (it answers {status}); use a newer one.")
        return
    yield right(f"The hub answers at {place.hub_api} and knows this token as {_who(model)}.")
    scopes = set(model.get("scopes") or ())
    if model.get("kind") == "user":
        yield from _scopes(place, scopes)
    yield from _registered(place, scopes)
    if not place.service:
        yield wrong(f"This server is not told where the service is ({SERVICE_VARIABLE}).", ENABLE)
        return
    if not place.service.endswith("/"):
        yield wrong(f"{SERVICE_VARIABLE} is {place.service}: it must end with a slash.", ENABLE)
        return
    yield from _service(place, model)
    if place.public:
        yield from _public(place)


def _who(model: dict[str, Any]) -> str:
    if model.get("kind") != "user":
        return f"the service {model.get('name')!r}"
    how = "signed in" if model.get("session_id") else "by a token that only lets kernels in"
    return f"{model.get('name')} ({how})"


def _scopes(place: Place, scopes: set[str]) -> Iterator[Finding]:
    access = Deployment(name=place.name).access
    reasons = {access: "reach the service", JOIN: "join a room"}
    held = scopes | ({access} if "access:services" in scopes else set())
    for scope, what in reasons.items():
        if scope in held:
            yield right(f"This token may {what} ({scope}).")
        else:
            yield wrong(f"This token may not {what}: it lacks {scope}.", ENABLE)
    if MODERATE in scopes:
        yield note("This token moderates every room.")


def _registered(place: Place, scopes: set[str]) -> Iterator[Finding]:
    if not scopes & {"read:services", "list:services", "admin:services"}:
        return
    try:
        status, services = ask(f"{place.hub_api}/services", place.token)
    except NoAnswer as why:
        yield wrong(f"The hub does not list its services: {why}.")
        return
    if status != HTTPStatus.OK or not isinstance(services, dict):
        yield note(f"This token may not list the hub's services (the hub answers {status}).")
        return
    found = services.get(place.name)
    if found is None:
        yield wrong(f"The hub has no service {place.name!r}.", ENABLE)
        return
    yield right(
        f"The hub has the service {place.name!r} at {found.get('url', 'an address of its own')}."
    )
    if "roles" in found:
        roles = ", ".join(found["roles"]) or "none"
        yield note(f"Roles of the service: {roles}.")


def _service(place: Place, model: dict[str, Any]) -> Iterator[Finding]:
    try:
        status, health = ask(f"{place.service}api/health")
    except NoAnswer as why:
        yield wrong(
            f"The service does not answer at {place.service}: {why}.",
            "Is it running? On Kubernetes and with containers: does the network let this server"
            " reach it?",
        )
        return
    state = health.get("status") if isinstance(health, dict) else None
    if state is None:
        yield wrong(f"What answers at {place.service} is not the meeting service ({status}).")
        return
    if state != "ok":
        yield wrong(f"The service answers, but its state is {state!r}; look into its log.")
        return
    yield right(f"The service answers at {place.service} and is healthy.")
    if model.get("kind") == "user":
        status, me = ask(f"{place.service}api/me", place.token)
        if status == HTTPStatus.OK and isinstance(me, dict):
            yield right(f"The service takes this token for {me.get('display_name') or me['name']}.")
            yield from _versions(me)
        else:
            said = me.get("message") if isinstance(me, dict) else None
            yield wrong(
                f"The service refuses this token ({status}): {said or 'it does not say why'}"
            )
    yield _socket(f"{place.service}api/control", "the service itself")


def _versions(me: dict[str, Any]) -> Iterator[Finding]:
    theirs = me.get("version")
    if theirs is None:
        return
    if theirs == meetwidget.__version__:
        yield right(f"Service and server have the same version of meetwidget, {theirs}.")
    else:
        yield wrong(
            f"The service has meetwidget {theirs} and this server {meetwidget.__version__}.",
            f"pip install meetwidget=={theirs}",
        )


def public_addresses(public: str, name: str) -> list[str]:
    """Returns where browsers may find the service: on the hub's host, or on one of its own."""
    hub = urlsplit(public.rstrip("/"))
    path = f"{hub.path}/services/{name}/"
    hosts = [hub.netloc, f"{name}--service.{hub.netloc}"]
    return [f"{hub.scheme}://{host}{path}" for host in hosts]


def _public(place: Place) -> Iterator[Finding]:
    found: list[str] = []
    addresses = public_addresses(place.public, place.name)
    for base in addresses:
        try:
            status, health = ask(f"{base}api/health")
        except NoAnswer as why:
            found.append(f"Nothing answers at {base}: {why}.")
            continue
        if status == HTTPStatus.OK and isinstance(health, dict) and "status" in health:
            yield right(f"Browsers reach the service at {base}.")
            yield _socket(f"{base}api/control", "what is in front of the hub", _UPGRADE_IN_PROXY)
            return
        found.append(f"{base} is not the meeting service: it answers {status}.")
    yield wrong(
        found[0], f"With a domain per user it would be at {addresses[1]}, and is not there either."
    )


def _socket(url: str, where: str, advice: str = "") -> Finding:
    """Shakes hands as a browser does, says nothing, and hangs up."""
    try:
        status = _shake_hands(url)
    except NoAnswer as why:
        return wrong(f"No WebSocket opens at {url}: {why}.", advice)
    if status == HTTPStatus.SWITCHING_PROTOCOLS:
        return right(f"WebSockets open at {url}.")
    return wrong(f"No WebSocket opens at {url}: {where} answers {status}.", advice)


# -------------------------------------------------------------------------------- asking


def ask(url: str, token: str | None = None, method: str = "GET") -> tuple[int, Any]:
    """Returns status and JSON (or ``None``) of an address.

    Raises:
        NoAnswer: nothing came back.
    """
    headers = {"Accept": "application/json"}
    if token:
        headers["Authorization"] = f"token {token}"
    status, body = _exchange(url, headers, method)
    try:
        return status, json.loads(body)
    except ValueError:
        return status, None


def fetch(url: str, token: str) -> tuple[int, bytes]:
    """Returns status and content of an address.

    Raises:
        NoAnswer: nothing came back.
    """
    return _exchange(url, {"Authorization": f"token {token}"})


def _shake_hands(url: str) -> int:
    parts = urlsplit(url)
    headers = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(secrets.token_bytes(16)).decode(),
        "Origin": f"{parts.scheme}://{parts.netloc}",
    }
    return _exchange(url, headers)[0]


def _exchange(url: str, headers: dict[str, str], method: str = "GET") -> tuple[int, bytes]:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    try:
        made = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        connection = made(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, parts.path or "/", headers=headers)
            answer = connection.getresponse()
            upgraded = answer.status == HTTPStatus.SWITCHING_PROTOCOLS
            return answer.status, b"" if upgraded else answer.read()
        finally:
            connection.close()
    except ssl.SSLCertVerificationError as error:
        raise NoAnswer(
            f"its certificate is not trusted here ({error.verify_message});"
            " name its authority in SSL_CERT_FILE"
        ) from None
    except TimeoutError:
        raise NoAnswer(f"nothing came within {TIMEOUT_S:.0f} seconds") from None
    except OSError as error:
        raise NoAnswer((error.strerror or str(error)).lower()) from None
    except (http.client.HTTPException, ValueError) as error:
        raise NoAnswer(f"what came back is no HTTP ({error or type(error).__name__})") from None
