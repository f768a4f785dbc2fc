"""The plain page at the service's own address, for browsers without a notebook.

One document serves the list of rooms and every room; the script in it looks at the address.
The guests' page is the same, without the sign-in.
"""

from __future__ import annotations

import logging
import re
from typing import Any

from tornado.web import HTTPError, RequestHandler

from meetwidget_server.assets import FOREVER, PATH, RichParts
from meetwidget_server.hub.assets import Assets
from meetwidget_server.hub.handlers import FENCE, HubPage
from meetwidget_server.hub.shell import HEADERS, content_security_policy, document, notice
from meetwidget_server.routes.base import Refusal

Routes = list[tuple[str, type[RequestHandler], dict[str, Any]]]

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
    base = re.escape(prefix)
    return [
        (re.escape(prefix.rstrip("/")), ToHome, {"prefix": prefix}),
        (base, MeetPage, shared),
        (rf"{base}rooms/.+", MeetPage, shared),
        (rf"{base}guest", GuestPage, shared),
        (rf"{base}static/([a-z0-9.-]+)", AssetHandler, {"assets": assets}),
        (base + PATH, RichParts, {}),
    ]


class MeetPage(HubPage):
    """The list of rooms, and the rooms: for whoever is signed in to the hub."""

    def initialize(self, prefix: str, assets: Assets | None) -> None:
        self.prefix = prefix
        self.assets = assets

    def set_default_headers(self) -> None:
        super().set_default_headers()
        for name, value in HEADERS.items():
            self.set_header(name, value)
        policy = content_security_policy(self.request.headers.get("Host", ""))
        self.set_header("Content-Security-Policy", policy)

    def get(self) -> None:
        if self.assets is None:
            raise Refusal(503, "not-built", "The page is missing on the server: it was not built.")
        config = {
            "base": self.prefix,
            "hub_home": self._hub_page("home"),
            "logout": self._hub_page("logout"),
            "user": None if self.model is None else self.model["name"],
        }
        self.finish(
            document(
                config=config,
                script=f"{self.prefix}static/{self.assets.address(self.assets.script)}",
                style=f"{self.prefix}static/{self.assets.address(self.assets.style)}",
            )
        )

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        error = (kwargs.get("exc_info") or (None, None, None))[1]
        title, text = _SAYINGS.get(status_code, _SAYINGS[500])
        if isinstance(error, Refusal):
            text = error.message
        self.finish(
            notice(
                title=title,
                text=text,
                style=f"{self.prefix}static/{self.assets.address(self.assets.style)}"
                if self.assets
                else "",
                link=self._hub_page("home"),
                label="Hub home",
            )
        )

    def _hub_page(self, name: str) -> str:
        return f"{self.hub_auth.hub_host}{self.hub_auth.hub_prefix}{name}"


_SAYINGS = {
    403: ("You cannot open this page", "It opens in a window of its own only: type its address."),
    404: ("There is no such page", "The address may have been cut off."),
    500: ("This page cannot be shown", "Something failed on the server; try again in a moment."),
    503: ("This page cannot be shown now", "Try again in a moment."),
}


class GuestPage(MeetPage):
    """The page of a guest link; who has the link needs no account.

    It shows the same whether the link is good: the server learns the link, which is in the
    address's fragment, only when the guest has given a name.
    """

    open_to_all = True


class Fenced(RequestHandler):
    """What anybody may ask for, and no window of another page gets a hold of."""

    def set_default_headers(self) -> None:
        for name, value in FENCE.items():
            self.set_header(name, value)


class ToHome(Fenced):
    """The address of the list without its slash."""

    def initialize(self, prefix: str) -> None:
        self.prefix = prefix

    def get(self) -> None:
        self.redirect(self.prefix, permanent=False)


class AssetHandler(Fenced):
    """Script and style; open to anyone, as they are the same for everybody."""

    def initialize(self, assets: Assets | None) -> None:
        self.assets = assets

    def get(self, name: str) -> None:
        asset = self.assets.find(name) if self.assets else None
        if asset is None:
            raise HTTPError(404)
        self.set_header("Cache-Control", FOREVER)
        asset.send(self)
