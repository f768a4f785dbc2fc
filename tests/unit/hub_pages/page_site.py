"""The service's pages on a real server, signed in to a hub of which only the user API is there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from jupyterhub.services.auth import HubOAuth
from meetwidget_server.hub.assets import Assets
from meetwidget_server.hub.environment import HubEnvironment
from meetwidget_server.hub.identity import Hub
from meetwidget_server.hub.limits import Allowances
from meetwidget_server.hub.pages import handlers
from meetwidget_server.hub.service import SERVICE, Service
from meetwidget_server.policy.guests import GuestRules
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, create_signed_value

PREFIX = "/h%40b/services/meet/"
SECRET = b"0123456789abcdef0123456789abcdef"
SCOPES = ["access:services!service=meet", "custom:meet:join"]
USERS: dict[str, dict[str, Any]] = {
    "of-ada": {"name": "ada", "kind": "user", "session_id": "s", "scopes": SCOPES},
    "of-carol": {"name": "carol", "kind": "user", "session_id": "s", "scopes": SCOPES[:1]},
    "of-adas-server": {"name": "ada", "kind": "user", "session_id": None, "scopes": SCOPES},
    "of-mallory": {
        "name": "</script><b>mallory",
        "kind": "user",
        "session_id": "s",
        "scopes": SCOPES,
    },
}


class UserApi(RequestHandler):
    """``GET hub/api/user``: whose token it is."""

    def get(self) -> None:
        token = self.request.headers.get("Authorization", "").partition(" ")[2]
        if token not in USERS:
            self.set_status(403)
            return
        self.finish({"groups": [], "admin": False, **USERS[token]})


@dataclass
class Site:
    """The service with its pages, and a browser without a screen."""

    origin: str
    auth: HubOAuth
    service: Service

    async def get(self, path: str, token: str | None = None, **headers: str) -> HTTPResponse:
        """Asks for a page, signed in with the hub token ``token``; follows no redirect."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            name = self.auth.cookie_name
            sent["Cookie"] = f"{name}={create_signed_value(SECRET, name, token).decode()}"
        return await AsyncHTTPClient().fetch(
            self.origin + path,
            headers=sent,
            follow_redirects=False,
            raise_error=False,
            decompress_response=False,
        )


@contextlib.asynccontextmanager
async def site(assets: Assets | None) -> AsyncIterator[Site]:
    """The pages, for as long as the context is open."""
    hub_sockets = bind_sockets(0, "127.0.0.1")
    hub_port = hub_sockets[0].getsockname()[1]
    hub_server = HTTPServer(Application([(r"/.*/hub/api/user", UserApi)]))
    hub_server.add_sockets(hub_sockets)
    auth = HubOAuth(
        api_token="service-token",
        api_url=f"http://127.0.0.1:{hub_port}/h%40b/hub/api",
        hub_prefix="/h%40b/hub/",
        base_url=PREFIX,
        oauth_client_id="service-meet",
    )
    clock = asyncio.get_running_loop().time
    service = Service(
        HubEnvironment("meet", PREFIX, "http://127.0.0.1:1"),
        Hub(auth, "meet"),
        logging.getLogger("meetwidget.test"),
        Allowances(0, clock),
        Allowances(0, clock),
        0,
        GuestRules(),
        SECRET,
        state="ok",
    )
    settings: dict[str, Any] = {SERVICE: service}
    server = HTTPServer(
        Application(list(handlers(PREFIX, assets)), cookie_secret=SECRET, **settings)
    )
    sockets = bind_sockets(0, "127.0.0.1")
    server.add_sockets(sockets)
    try:
        yield Site(f"http://127.0.0.1:{sockets[0].getsockname()[1]}", auth, service)
    finally:
        for running in (server, hub_server):
            running.stop()
            await running.close_all_connections()
