"""What all handlers of the hub service share: who asks, what pages may call, and headers.

Programs show a hub token in ``Authorization``. A browser on the service's own pages shows its
sign-in cookie *and* the XSRF token of those pages, on every call, reading ones too: other users'
servers share this origin unless each user has a domain, so a cookie alone proves nothing.
"""

from __future__ import annotations

import hmac
import math
from http.client import responses
from typing import Any

from jupyterhub.services.auth import HubOAuth, HubOAuthCallbackHandler, HubOAuthenticated
from tornado.web import HTTPError, RequestHandler

from meetwidget_server.hub.identity import HubAway, Model, caller_of, is_person
from meetwidget_server.hub.service import Service, service_of
from meetwidget_server.identity import Identity
from meetwidget_server.policy import JOIN_SCOPE, Decision
from meetwidget_server.relay import Relay
from meetwidget_server.room import RoomRecord
from meetwidget_server.routes.base import Caller, Client, Endpoint, Refusal

SIGN_IN = "Sign in to the hub first."
NO_ACCESS = (
    "You may not use meeting rooms on this hub: the access to the service or the scope"
    f" {JOIN_SCOPE} is missing. Ask an administrator of this hub; meetwidget-hub check tells them"
    " what to add."
)
HUB_AWAY = "The hub does not answer, so nobody can be recognised just now; try again in a moment."
_FRAMES = "frame-ancestors 'none'"
FENCE = {
    "Content-Security-Policy": f"default-src 'none'; {_FRAMES}; sandbox",
    "Cross-Origin-Opener-Policy": "noopener-allow-popups",
}
"""Of every answer that is no page: in a window that another user's server opened, a document at
our path would otherwise hand over the XSRF cookie of this path."""


class HubBound(HubOAuthenticated, RequestHandler):  # type: ignore[misc]
    """A handler that knows its hub; nobody is signed in until somebody has been looked up."""

    model: Model | None = None
    """What the hub says of whoever asks."""
    token: str = ""
    """What they showed."""
    by_cookie = False

    @property
    def service(self) -> Service:
        """The service this handler belongs to."""
        return service_of(self)

    @property
    def hub_auth(self) -> HubOAuth:
        """The hub's client, for JupyterHub's mixin."""
        return self.service.hub.auth

    def get_current_user(self) -> Model | None:
        """Returns the model; JupyterHub's own way would block the event loop."""
        return self.model

    def set_default_headers(self) -> None:
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("X-Frame-Options", "DENY")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        for name, value in FENCE.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def cookie_token(self) -> str:
        """Returns the token in the sign-in cookie, if there is one."""
        found: str | None = self.hub_auth._get_token_cookie(self)
        return found or ""

    async def look_up(self, token: str, *, fresh: bool = False) -> Model | None:
        """Asks the hub whose token it is.

        Raises:
            Refusal: the hub does not answer.
        """
        session = self.hub_auth.get_session_id(self) or ""
        try:
            return await self.service.hub.model(token, fresh=fresh, session=session)
        except HubAway:
            raise Refusal(503, "hub-away", HUB_AWAY) from None

    def same_site(self) -> bool:
        """Whether this is no request that another origin's page made (as far as browsers tell)."""
        return self.request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")


class HubHandler(HubBound, Endpoint):
    """A REST endpoint of the hub service: whoever asks has been looked up before the method runs."""

    sign_in_first = SIGN_IN
    open_to_all = False
    """Whether nobody need be signed in."""

    @property
    def relay(self) -> Relay:
        return self.service.relay

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:
        self.require_ready()
        if self.open_to_all:
            return
        await self.sign_in()
        self.require_rights()

    def require_ready(self) -> None:
        """Refuses while there is no relay yet.

        Raises:
            Refusal: the service starts.
        """
        if self.service.state == "starting":
            raise Refusal(503, "starting", "The meeting service is starting; try again shortly.")

    async def sign_in(self) -> None:
        """Finds out who asks.

        Raises:
            Refusal: nobody, or not in a way that counts.
        """
        shown = self.hub_auth.auth_header_pat.match(self.request.headers.get("Authorization", ""))
        token = shown[1].strip() if shown else self.cookie_token()
        self.by_cookie = shown is None
        self._token_authenticated = not self.by_cookie
        if token and self.by_cookie:
            self._check_page()
        model = await self.look_up(token) if token else None
        if model is None:
            raise Refusal(403, "not-signed-in", SIGN_IN)
        if self.by_cookie and not is_person(model):
            raise Refusal(403, "not-signed-in", SIGN_IN)
        self.model, self.token = model, token

    def _check_page(self) -> None:
        if not self.same_site():
            raise Refusal(403, "foreign-page", "A page of another site may not do this.")
        sent = self.request.headers.get("X-XSRFToken", "").encode("utf-8", "replace")
        expected = self.xsrf_token
        expected = expected.encode() if isinstance(expected, str) else expected
        if not sent or not hmac.compare_digest(sent, expected):
            raise Refusal(403, "signed-out", "This page's sign-in has ended: reload the page.")

    def seat(self, identity: Identity) -> None:
        """Nothing else is asked of who is in a room: the recheck looks after their rights."""

    def require_rights(self) -> None:
        """Refuses tokens that are no good for meeting rooms.

        Raises:
            Refusal: a scope is missing.
        """
        assert self.model is not None
        if not self.service.hub.admits(self.model):
            raise Refusal(403, "no-join-scope", NO_ACCESS)

    def caller(self, client: Client | None = None) -> Caller:
        assert self.model is not None
        if client == "kernel" and self.by_cookie:
            raise Refusal(
                403, "not-allowed", "A kernel shows a hub token, not somebody's sign-in cookie."
            )
        return caller_of(self.model, self.token, client)

    def decision(self, caller: Caller, room: str, record: RoomRecord | None) -> Decision:
        assert caller.subject is not None
        return self.service.decide(caller.subject, room, record)

    def sees(self, caller: Caller, record: RoomRecord) -> bool:
        assert caller.subject is not None
        return self.service.policy.sees(caller.subject, record.name, record)

    def allow(self, wait: float, message: str) -> None:
        """Lets this request pass unless it has to wait so many seconds.

        Raises:
            Refusal: it has to.
        """
        if wait:
            seconds = math.ceil(wait)
            raise Refusal(429, "too-fast", f"{message} Try again in {seconds} s.", seconds)

    def send(self, body: str | bytes, content_type: str = "application/json") -> None:
        self.set_header("Content-Type", content_type)
        self.finish(body)


class HubPage(HubBound):
    """An HTML page of the service; who is not signed in is sent to the hub and comes back.

    ``model["name"]`` is the user's name in ``get``. Pages take the XSRF token for their calls
    from the ``_xsrf`` cookie, never from the page itself: see :meth:`prepare`.
    """

    open_to_all = False
    """Whether the page is also for people who are not signed in."""
    content_security_policy = "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            "media-src 'self' blob: mediastream:",
            "worker-src 'self' blob:",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            _FRAMES,
        )
    )

    def set_default_headers(self) -> None:
        super().set_default_headers()
        self.set_header("Content-Security-Policy", self.content_security_policy)
        self.set_header("Cache-Control", "no-store")

    async def prepare(self) -> None:
        # The sandboxed ways to read a page with somebody's cookie: frames, fetch, scripts.
        if self.request.headers.get("Sec-Fetch-Dest", "document") != "document":
            raise HTTPError(403)
        if self.open_to_all:
            return
        if self.service.state == "starting":
            self._wait_a_moment()
            return
        token = self.cookie_token()
        # Always asked anew: somebody else may have signed in in this browser since.
        model = await self.look_up(token, fresh=True) if token else None
        if model is None or not is_person(model):
            self.redirect(self.get_login_url())
            return
        self.model, self.token, self.by_cookie = model, token, True
        if not self.service.hub.admits(model):
            raise Refusal(403, "no-join-scope", NO_ACCESS)
        self.xsrf_token  # noqa: B018 - sets the cookie that the page's calls are checked against

    def _wait_a_moment(self) -> None:
        # The hub waits for any answer here before it calls a service started.
        self.set_header("Refresh", "1")
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_plain_page("The meeting service is starting", "One moment, please."))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        message = responses.get(status_code, "Error") + "."
        if isinstance(error, Refusal):
            message = error.message
        elif status_code >= 500:
            message = "The meeting service failed; its log says why."
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_plain_page("Meetings", message))


def _plain_page(title: str, message: str) -> str:
    from html import escape

    return (
        "<!doctype html><html lang=en><meta charset=utf-8>"
        f"<title>{escape(title)}</title><h1>{escape(title)}</h1><p>{escape(message)}</p></html>"
    )


class OAuthCallback(HubBound, HubOAuthCallbackHandler):  # type: ignore[misc]
    """``oauth_callback``: where the hub sends a browser back to, signed in."""

    async def prepare(self) -> None:
        # JupyterHub's handler looks whether somebody is signed in already.
        token = self.cookie_token()
        if token:
            self.model = await self.look_up(token)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        message = "Signing in did not work."
        if isinstance(error, Refusal):
            message = error.message
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(_plain_page("Meetings", f"{message} Open the room again to sign in once more."))
