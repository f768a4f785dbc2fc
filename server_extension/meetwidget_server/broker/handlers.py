"""The relay's REST endpoints on a user's server, each a call of the hub's service.

Who may ask is Jupyter's decision as everywhere in this server: its sign-in, its XSRF check, its
authorizer. Who they are is the hub's, by the token they signed in with.
"""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, cast
from urllib.parse import quote, urlencode

from jupyter_server.auth.decorator import allow_unauthenticated, authorized
from tornado.httpclient import HTTPResponse

from meetwidget_server.assets import PATH
from meetwidget_server.broker.addresses import readdressed
from meetwidget_server.broker.service import MeetingService, ServiceAway
from meetwidget_server.routes.base import Refusal
from meetwidget_server.routes.files import FENCED
from meetwidget_server.routes.jupyter import RelayHandler, RichPartsHandler
from meetwidget_server.routes.reading import SESSION_HEADER

SERVICE = "meetwidget_hub_service"

AWAY = "The hub's meeting service does not answer; it may be restarting, so this is tried again."
NOT_SIGNED_IN = (
    "This server cannot tell the hub who you are: sign in to the hub again and reload the page."
)
NOT_ACCEPTED = (
    "The hub's meeting service does not accept this server's sign-in: sign in to the hub again"
    " and reload the page; if that does not help, ask the hub's administrator to run"
    " `meetwidget-hub check`."
)
MISSING = (
    "The hub's meeting service answers, but has no such call: the hub's administrator should"
    " update meetwidget there to the version of this server."
)

_PASSED_IN = ("Content-Type", "If-None-Match", SESSION_HEADER)
"""Headers of a call that are the service's to read."""
_PASSED_ON = ("Content-Type", "Content-Disposition", "Etag", "Retry-After", *FENCED)
"""Headers of the service's answer that are its asker's, too."""


class BrokerHandler(RelayHandler):
    """Passes a call on to the service, with the credential of whoever asks."""

    @property
    def service(self) -> MeetingService:
        """The hub's meeting service."""
        return cast("MeetingService", self.settings[SERVICE])

    @property
    def kernel_owner(self) -> str:
        return self.service.owner

    def credential(self) -> str:
        """Returns the hub token to forward: the asker's own, the server's only for its kernels.

        Raises:
            Refusal: there is none.
        """
        if self.by_secret:
            return self.service.server_token
        hub_auth = getattr(self.identity_provider, "hub_auth", None)
        token = None if hub_auth is None else hub_auth.get_token(self)
        if not token:
            raise Refusal(403, "not-signed-in", NOT_SIGNED_IN)
        return str(token)

    async def pass_on(self, path: str) -> None:
        """Answers with what the service says to the call below its ``api/``."""
        answer = await self.ask(path, self.credential())
        self.repeat(answer, answer.body)

    async def ask(self, path: str, token: str | None) -> HTTPResponse:
        """Returns the service's answer to this request.

        Raises:
            Refusal: it gives none, or none that its asker could use.
        """
        if self.request.query_arguments:
            # Parsed and written anew: what a proxy or the service reads is what we have read.
            pairs = [(k, v) for k, vs in self.request.query_arguments.items() for v in vs]
            path += "?" + urlencode([pair for pair in pairs if pair[0] != "token"])
        try:
            answer = await self.service.ask(
                str(self.request.method),
                path,
                token=token,
                body=self.request.body or None,
                more={
                    name: self.request.headers[name]
                    for name in _PASSED_IN
                    if name in self.request.headers
                },
            )
        except ServiceAway as error:
            self.log.warning("The hub's meeting service does not answer: %s", error)
            raise Refusal(503, "service-away", AWAY) from None
        if answer.code < 300 or answer.code == HTTPStatus.NOT_MODIFIED:
            return answer
        if explained(answer):
            return answer
        if answer.code >= 500:
            self.log.warning(
                "The hub's meeting service at %s answered %d.", self.service.url, answer.code
            )
            raise Refusal(503, "service-away", AWAY)
        if answer.code == 404:
            raise Refusal(404, "not-found", MISSING)
        raise Refusal(403, "not-signed-in", NOT_ACCEPTED)

    def repeat(self, answer: HTTPResponse, body: bytes) -> None:
        """Finishes with the service's status, its headers that matter, and ``body``."""
        self.set_status(answer.code)
        self.set_header("Cache-Control", "no-store")
        for name in _PASSED_ON:
            value = answer.headers.get(name)
            if value is not None:
                self.set_header(name, value)
        kind = answer.headers.get("Content-Type", "application/json")
        self.finish(body or None, set_content_type=kind)


class HealthHandler(BrokerHandler):
    """``GET api/health``: whether the service answers."""

    _track_activity = False

    @allow_unauthenticated
    async def get(self) -> None:
        answer = await self.ask("health", None)
        self.repeat(answer, answer.body)


class TicketHandler(BrokerHandler):
    """``POST api/tickets``."""

    @authorized
    async def post(self) -> None:
        answer = await self.ask("tickets", self.credential())
        ticket = _object(answer.body)
        if answer.code >= 300:
            self.repeat(answer, answer.body)
        elif ticket is None:
            raise Refusal(503, "service-away", AWAY)
        else:
            self.answer(readdressed(ticket, self.request, self.service.url), answer.code)


class MeHandler(BrokerHandler):
    """``GET api/me``."""

    @authorized
    async def get(self) -> None:
        await self.pass_on("me")


class RoomsHandler(BrokerHandler):
    """``api/rooms`` and everything below it."""

    @authorized
    async def get(self, below: str | None = None) -> None:
        await self.pass_on(_path(below))

    @authorized
    async def post(self, below: str | None = None) -> None:
        await self.pass_on(_path(below))

    @authorized
    async def delete(self, below: str | None = None) -> None:
        await self.pass_on(_path(below))


def _path(below: str | None) -> str:
    """Returns the escaped path below ``api/``, which cannot lead out of ``rooms/``."""
    if below is None:
        return "rooms"
    if any(part in ("", ".", "..") for part in below.split("/")):
        raise Refusal(400, "invalid-room", "A room name has no empty part and no . or .. in it.")
    return f"rooms/{quote(below, safe='/')}"


def explained(answer: HTTPResponse) -> bool:
    """Whether a refusal carries a code and a sentence of the service."""
    body = _object(answer.body)
    return body is not None and isinstance(body.get("code"), str) and bool(body.get("message"))


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def handlers() -> list[tuple[str, type]]:
    """Returns the routes, to be mounted below ``<base_url>``."""
    return [
        (r"/meet/api/health", HealthHandler),
        (r"/meet/api/tickets", TicketHandler),
        (r"/meet/api/me", MeHandler),
        (r"/meet/api/rooms(?:/(.+))?", RoomsHandler),
        # The widget's own, of this server's version of the package.
        (rf"/meet/{PATH}", RichPartsHandler),
    ]
