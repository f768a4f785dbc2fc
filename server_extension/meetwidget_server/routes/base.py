"""What all HTTP endpoints share: who asks, whether they may, and errors people can read."""

from __future__ import annotations

import json
from http.client import responses
from typing import Any, cast

from jupyter_server import CallContext
from jupyter_server.auth.identity import User as JupyterUser
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from meetwidget.wire.rooms import InvalidRoom, check_room
from meetwidget_server.identity import Identity, kernel, person, shows_secret
from meetwidget_server.relay import Relay

AUTH_RESOURCE = "meet"
"""What authorizers and hub scopes call the relay."""
RELAY = "meetwidget_relay"
SECRET = "meetwidget_kernel_secret"  # noqa: S105 - the setting's name

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

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status, message.replace("%", "%%"))
        self.code = code
        self.message = message


class RelayHandler(APIHandler):
    """A REST endpoint of the relay; people by Jupyter's identity, kernels by their secret."""

    auth_resource = AUTH_RESOURCE
    by_secret = False
    """Whether the request showed the kernels' secret."""

    @property
    def relay(self) -> Relay:
        """The relay of this server."""
        return cast("Relay", self.settings[RELAY])

    async def prepare(self, **_options: Any) -> None:
        if not shows_secret(self.request.headers.get("Authorization"), self.settings[SECRET]):
            await super().prepare()
            return
        # A page cannot set this header for another origin, so no XSRF token is asked for,
        # as for Jupyter's own tokens. The rest is what JupyterHandler.prepare does.
        CallContext.set(CallContext.JUPYTER_HANDLER, self)
        if not self.check_host():
            raise HTTPError(403)
        owner = kernel(self.relay.config.kernel_owner).user
        self.by_secret = True
        self._token_authenticated = True
        self.current_user = self._jupyter_current_user = JupyterUser(
            username=owner.name, display_name=owner.display_name
        )
        self.set_cors_headers()

    def identity(self, client: str) -> Identity:
        """Returns the stamp of who asks.

        Raises:
            Refusal: a kernel that shows only a person's cookie.
        """
        if self.by_secret:
            return kernel(self.relay.config.kernel_owner)
        if client != "kernel":
            return person(self.current_user)
        if self.token_authenticated:
            return kernel(self.relay.config.kernel_owner)
        raise Refusal(
            403,
            "not-allowed",
            "A kernel needs this server's token, or the secret its own kernels inherit.",
        )

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

    def answer(self, value: Any, status: int = 200) -> None:
        """Finishes with JSON that no cache keeps."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(value))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        code = _CODES.get(status_code, "internal" if status_code >= 500 else "refused")
        message = responses.get(status_code, "Error") + "."
        if isinstance(error, Refusal):
            code, message = error.code, error.message
        elif status_code == 403 and not self.current_user:
            code, message = "not-signed-in", "Sign in to this Jupyter server first."
        elif status_code == 403:
            message = "You may not do this on this server."
        elif status_code >= 500:
            message = "The relay failed; its log says why."
        self.finish(json.dumps({"code": code, "message": message}))
