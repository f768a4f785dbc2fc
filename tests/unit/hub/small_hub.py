"""A hub of a hundred lines that says of tokens what a test tells it, and the real service before it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from meetwidget_server.hub import app
from meetwidget_server.hub.environment import HubEnvironment
from meetwidget_server.hub.service import Service
from meetwidget_server.hub.serving import Serving
from tornado.httpclient import AsyncHTTPClient, HTTPResponse
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from traitlets.config import Config

from tests.integration.peer import Peer
from tests.integration.wire_client import WireClient

PREFIX = "/services/meet/"
SCOPES = ("access:services!service=meet", "custom:meet:join")
PATIENCE_S = 20.0


def model(name: str, *scopes: str, **fields: Any) -> dict[str, Any]:
    """Returns what a hub says of a signed-in user's token."""
    return {
        "name": name,
        "kind": "user",
        "admin": False,
        "groups": [],
        "session_id": f"session-{name}",
        "token_id": "a1",
        "scopes": sorted({*SCOPES, f"access:servers!server={name}/", *scopes}),
        **fields,
    }


@dataclass
class SmallHub:
    """Tokens and what they are; ``token-ada`` and the like are signed-in people."""

    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    """503: the hub has a problem of its own."""
    asked: list[str] = field(default_factory=list)
    activity: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    activity_status: int = 200
    url: str = ""

    def knows(self, *names: str) -> None:
        """Has these people signed in."""
        for name in names:
            self.tokens[f"token-{name}"] = model(name)


class _User(RequestHandler):
    def get(self) -> None:
        hub: SmallHub = self.settings["hub"]
        token = self.request.headers.get("Authorization", "").removeprefix("token ")
        hub.asked.append(token)
        found = hub.tokens.get(token)
        if hub.status != 200 or found is None:
            self.set_status(hub.status if hub.status != 200 else 403)
            self.finish("{}")
        else:
            self.finish(json.dumps(found))


class _Activity(RequestHandler):
    def post(self, name: str) -> None:
        hub: SmallHub = self.settings["hub"]
        body = json.loads(self.request.body)
        hub.activity.append((name, body))
        if "gone" in body.get("servers", {}):
            self.set_status(400)
        else:
            self.set_status(hub.activity_status)
        self.finish("{}")


@dataclass
class Rig:
    """The service under test, as people and their kernels reach it."""

    hub: SmallHub
    serving: Serving
    url: str
    """Base URL with a final slash."""

    @property
    def service(self) -> Service:
        return self.serving.service

    async def fetch(
        self, path: str, who: str | None = "ada", body: Any = None, **options: Any
    ) -> HTTPResponse:
        """Calls the service; an answer that is an error is returned like any other."""
        headers = dict(options.pop("headers", {}))
        if who is not None:
            headers.setdefault("Authorization", f"token token-{who}")
        if body is not None:
            options |= {"method": "POST", "body": json.dumps(body)}
        return await AsyncHTTPClient().fetch(
            self.url + path,
            headers=headers,
            raise_error=False,
            follow_redirects=False,
            **options,
        )

    async def json(self, path: str, who: str | None = "ada", body: Any = None, **more: Any) -> Any:
        """Calls the service and returns what it says."""
        return json.loads((await self.fetch(path, who, body, **more)).body)

    async def code(self, path: str, who: str | None = "ada", body: Any = None, **more: Any) -> Any:
        """Calls the service and returns status and code of its refusal."""
        answer = await self.fetch(path, who, body, **more)
        return answer.code, json.loads(answer.body)["code"]

    async def join(self, room: str = "lab", who: str = "ada", client: str = "browser") -> Peer:
        """Joins a room."""
        ticket = await self.json("api/tickets", who, {"room": room, "client": client})
        assert "ticket" in ticket, ticket
        return await self.enter(ticket, client)

    async def enter(self, ticket: dict[str, Any], client: str = "browser") -> Peer:
        """Goes in with a ticket."""
        peer = await Peer.connect(ticket["control_url"], client)
        await peer.hello(ticket["ticket"])
        return peer


async def until(condition: Callable[[], Any]) -> None:
    """Waits, turn by turn of the loop, until ``condition`` holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - any condition, not one event
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: dict[str, dict[str, Any]],
    environment: dict[str, str],
) -> AsyncIterator[Rig]:
    """Runs hub and service until the block is left; the service ends as it does on SIGTERM."""
    hub = SmallHub()
    hub.tokens["service-token"] = {"name": "meet", "kind": "service", "scopes": []}
    hub.knows("ada", "bob", "cy")
    listening = bind_sockets(0, "127.0.0.1")
    web = HTTPServer(
        Application(
            [("/hub/api/user", _User), ("/hub/api/users/(.+)/activity", _Activity)],
            hub=hub,
            log_function=lambda _: None,
        )
    )
    web.add_sockets(listening)
    hub.url = f"http://127.0.0.1:{listening[0].getsockname()[1]}/hub/api"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    for name, value in {
        "JUPYTERHUB_API_TOKEN": "service-token",
        "JUPYTERHUB_API_URL": hub.url,
        "JUPYTERHUB_SERVICE_NAME": "meet",
        "JUPYTERHUB_SERVICE_PREFIX": PREFIX,
        "JUPYTERHUB_SERVICE_URL": f"http://127.0.0.1:{port}",
        "JUPYTERHUB_CLIENT_ID": "service-meet",
        **environment,
    }.items():
        monkeypatch.setenv(name, value)
    merged = Config(
        MeetRelay={"database": str(folder / "rooms.sqlite"), "freeze_garbage": False},
        MeetHub={"drain_spread": 0.0, "identity_cache": 1.0},
    )
    merged.merge(Config(config))
    # pytest's own handlers stay, and get what the service logs.
    monkeypatch.setattr(app, "logging_config", lambda *_: {"version": 1, "incremental": True})
    told = HubEnvironment.read(os.environ)
    options = app.MeetHub(config=merged)
    options.log.propagate = True
    serving = Serving(options, told, told.listen())
    rig = Rig(hub, serving, f"http://127.0.0.1:{port}{PREFIX}")
    task = asyncio.create_task(serving.run())
    try:
        await until(lambda: task.done() or getattr(serving, "service", None))
        await until(lambda: task.done() or serving.service.state == "ok")
        if task.done():
            await task
        yield rig
    finally:
        clients, WireClient.connected[:] = list(WireClient.connected), []
        for client in clients:
            await client.vanish()
        serving.stopping.set()
        await task
        web.stop()
        await web.close_all_connections()
