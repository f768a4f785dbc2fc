"""The plain page at the service's own address, for browsers without a notebook.

One document serves the list of rooms and every room; the script in it looks at the address.
The guests' page is the same, without the sign-in.
"""

from __future__ import annotations

import logging
from typing import Any, cast

from jupyterhub.services.auth import HubOAuth, HubOAuthenticated, UserNotAllowed
from tornado.web import HTTPError, RequestHandler

from meetwidget_server.hub.assets import Assets
from meetwidget_server.hub.shell import HEADERS, content_security_policy, document, notice

Routes = list[tuple[str, type[RequestHandler], dict[str, Any]]]

_FOREVER = "public, max-age=31536000, immutable"
_log = logging.getLogger(__name__)


def handlers(prefix: str, assets: Assets | None = None) -> Routes:
    """Returns the routes of the pages and of what they load.

    Args:
        prefix: path of the service, with a final slash.
        assets: script and style; by default those of this installation.
    """
    if assets is None:
        try:
            assets = Assets()
        except OSError as error:
            _log.warning("The plain page cannot be shown, since it was not built: %s", error)
    shared = {"prefix": prefix, "assets": assets}
    return [
        (prefix.rstrip("/") or "/", ToHome, {"prefix": prefix}),
        (prefix, MeetPage, shared),
        (rf"{prefix}rooms/.+", MeetPage, shared),
        (rf"{prefix}guest", GuestPage, shared),
        (rf"{prefix}static/([a-z0-9.-]+)", AssetHandler, {"assets": assets}),
    ]


class Page(RequestHandler):
    """An HTML page of the service."""

    def initialize(self, prefix: str, assets: Assets | None) -> None:
        self.prefix = prefix
        self.assets = assets

    def set_default_headers(self) -> None:
        for name, value in HEADERS.items():
            self.set_header(name, value)
        policy = content_security_policy(self.request.headers.get("Host", ""))
        self.set_header("Content-Security-Policy", policy)

    def check_destination(self) -> None:
        """Lets only a window have the page.

        On a shared origin the scripts of other users' servers could fetch it with the cookie of
        whoever looks at them. Browsers say what a request is for wherever that can be trusted.

        Raises:
            HTTPError: it is for something else.
        """
        destination = self.request.headers.get("Sec-Fetch-Dest")
        if destination not in (None, "document"):
            raise HTTPError(403, "A page of the meeting service is only for a window of its own.")

    def show(self, user: str | None) -> None:
        """Finishes with the page for ``user``, or for a guest."""
        if self.assets is None:
            raise HTTPError(503, "The page is missing on the server: its front end was not built.")
        auth = HubOAuth.instance()
        hub = f"{auth.hub_host}{auth.hub_prefix}"
        config = {
            "base": self.prefix,
            "hub_home": f"{hub}home",
            "logout": f"{hub}logout",
            "user": user,
        }
        self.finish(
            document(
                config=config,
                script=f"{self.prefix}static/{self.assets.script.name}",
                style=f"{self.prefix}static/{self.assets.style.name}",
            )
        )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        title, text = _SAYINGS.get(status_code, _SAYINGS[500])
        if isinstance(error, _Told):
            text = error.text
        auth = HubOAuth.instance()
        self.finish(
            notice(
                title=title,
                text=text,
                style=f"{self.prefix}static/{self.assets.style.name}" if self.assets else "",
                link=f"{auth.hub_host}{auth.hub_prefix}home",
                label="Hub home",
            )
        )


class _Told(HTTPError):
    """An error with a sentence for people."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(status, text.replace("%", "%%"))
        self.text = text


_SAYINGS = {
    403: ("You cannot open this page", "It is not for you; ask the people who run this hub."),
    404: ("There is no such page", "The address may have been cut off."),
    500: ("This page cannot be shown", "Something failed on the server; try again in a moment."),
    503: ("This page cannot be shown now", "The hub does not answer; try again in a moment."),
}


class MeetPage(HubOAuthenticated, Page):  # type: ignore[misc]
    """The list of rooms, and the rooms: for whoever is signed in to the hub."""

    async def get(self) -> None:
        self.check_destination()
        auth = HubOAuth.instance()
        model = await auth.get_user(self, sync=False)
        if model is None:
            self.redirect(self.get_login_url())
            return
        try:
            self.check_hub_user(model)
        except UserNotAllowed:
            raise _Told(
                403, "Your account may not use meetings; ask the people who run this hub."
            ) from None
        self.current_user = model
        # Sets the cookie that the page's script answers with.
        _ = self.xsrf_token
        self.show(cast("str", model["name"]))


class GuestPage(Page):
    """The page of a guest link; who has the link needs no account."""

    def get(self) -> None:
        self.check_destination()
        self.show(None)


class ToHome(RequestHandler):
    """The address of the list without its slash."""

    def initialize(self, prefix: str) -> None:
        self.prefix = prefix

    def get(self) -> None:
        self.redirect(self.prefix, permanent=False)


class AssetHandler(RequestHandler):
    """Script and style; open to anyone, as they are the same for everybody."""

    def initialize(self, assets: Assets | None) -> None:
        self.assets = assets

    def get(self, name: str) -> None:
        asset = self.assets.find(name) if self.assets else None
        if asset is None:
            raise HTTPError(404)
        self.set_header("Content-Type", asset.media_type)
        self.set_header("Cache-Control", _FOREVER)
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")
        self.set_header("Vary", "Accept-Encoding")
        if "gzip" in self.request.headers.get("Accept-Encoding", ""):
            self.set_header("Content-Encoding", "gzip")
            self.finish(asset.zipped)
        else:
            self.finish(asset.plain)
