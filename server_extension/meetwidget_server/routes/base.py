"""What all HTTP endpoints share, whichever front they are served by.

A front tells two things: who asks (:meth:`Endpoint.caller`) and what its rules let them do
(:meth:`Endpoint.decision`). Everything else, limits and errors included, is the same on both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from http.client import responses
from typing import Any, Literal, cast

from tornado.web import HTTPError, RequestHandler

from meetwidget.wire.rooms import InvalidRoom, check_room
from meetwidget_server.identity import Identity
from meetwidget_server.policy import Decision, Subject
from meetwidget_server.relay import Relay
from meetwidget_server.room import RoomRecord

RELAY = "meetwidget_relay"
Client = Literal["browser", "kernel"]

_CODES = {
    400: "bad-request",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "bad-method",
    413: "too-large",
    503: "unavailable",
}


class Refusal(HTTPError):
    """An error with a stable code and a sentence for people."""

    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        super().__init__(status, message.replace("%", "%%"))
        self.code = code
        self.message = message
        self.retry_after = retry_after
        """Seconds after which trying again may help."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks."""

    identity: Identity
    """The relay's stamp."""
    subject: Subject | None = None
    """What a hub's rules know of them; a single server has no rules."""
    credential: str | None = None
    """The hub token they showed."""


class Endpoint(RequestHandler):
    """A REST endpoint of the relay."""

    sign_in_first = "Sign in first."

    @property
    def relay(self) -> Relay:
        """The relay behind this front."""
        return cast("Relay", self.settings[RELAY])

    # --------------------------------------------------------- the front's word

    def caller(self, client: Client | None = None) -> Caller:
        """Returns who asks.

        Args:
            client: what a ticket is wanted for; ``None`` for calls that open no socket.

        Raises:
            Refusal: this credential cannot be that client.
        """
        raise NotImplementedError

    def require_ready(self) -> None:
        """Refuses what cannot be served yet.

        Raises:
            Refusal: the front is starting.
        """

    def seat(self, identity: Identity) -> None:
        """Takes a participant of a room for signed in, as far as this front asks.

        Raises:
            HTTPError: the request must not be answered to anybody.
        """
        raise NotImplementedError

    def decision(self, caller: Caller, room: str, record: RoomRecord | None) -> Decision:
        """Returns what the rules let ``caller`` do in a room, ``record`` being what is kept of it."""
        raise NotImplementedError

    def sees(self, caller: Caller, record: RoomRecord) -> bool:
        """Whether a room stands in ``caller``'s list; asked for every room there is."""
        return self.decision(caller, record.name, record).see

    def send(self, body: str | bytes, content_type: str = "application/json") -> None:
        """Finishes with a body of this type."""
        raise NotImplementedError

    # ------------------------------------------------------------------- asking

    def body(self) -> dict[str, Any]:
        """Returns the JSON object that was sent.

        Raises:
            Refusal: it is none.
        """
        try:
            value = json.loads(self.request.body)
        except (ValueError, RecursionError):
            value = None
        if not isinstance(value, dict):
            raise Refusal(400, "bad-request", "Send a JSON object.")
        return value

    def room_name(self, name: object) -> str:
        """Returns ``name`` if it may name a room.

        Raises:
            Refusal: with the rule it breaks.
        """
        if not isinstance(name, str):
            raise Refusal(400, InvalidRoom.code, "The name of a room is a text.")
        try:
            return check_room(name)
        except InvalidRoom as error:
            raise Refusal(400, error.code, str(error)) from None

    def number(self, name: str, default: int | None, least: int, most: int) -> int | None:
        """Returns a whole number of the query.

        Raises:
            Refusal: it is something else, or out of bounds.
        """
        text = self.get_query_argument(name, None)
        if text is None:
            return default
        if not text.isascii() or not text.isdecimal() or not least <= int(text) <= most:
            raise Refusal(400, "bad-request", f"{name} is a number from {least} to {most}.")
        return int(text)

    # ---------------------------------------------------------------- answering

    def answer(self, value: Any, status: int = 200) -> None:
        """Finishes with JSON that no cache keeps."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.send(json.dumps(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        code = _CODES.get(status_code, "internal" if status_code >= 500 else "refused")
        message = responses.get(status_code, "Error") + "."
        if isinstance(error, Refusal):
            code, message = error.code, error.message
            if error.retry_after is not None:
                self.set_header("Retry-After", str(error.retry_after))
        elif status_code == 403 and not self.current_user:
            code, message = "not-signed-in", self.sign_in_first
        elif status_code == 403:
            message = "You may not do this on this server."
        elif status_code >= 500:
            message = "The relay failed; its log says why."
        self.send(json.dumps({"code": code, "message": message}))
