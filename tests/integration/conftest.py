"""A real Jupyter server in this process, with named people, and peers that join its rooms."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth.identity import IdentityProvider, User
from jupyter_server.serverapp import ServerApp
from meetwidget_server.app import MeetWidgetApp
from meetwidget_server.relay import Relay
from meetwidget_server.routes.jupyter import ControlSocket, MediaSocket
from meetwidget_server.socket import hub_of
from pytest_jupyter.jupyter_server import *  # noqa: F403 - fixtures and the coroutine hook
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.httpserver import HTTPServer

from tests.integration.peer import Peer
from tests.integration.wire_client import WireClient


class NamedPeople(IdentityProvider):
    """The token signs in, and a header says who it is: several people without several logins."""

    async def get_user(self, handler: Any) -> User | None:
        user = await super()._get_user(handler)
        name = handler.request.headers.get("X-Test-Person")
        if user is None or not name:
            return user
        return User(name, display_name=name.title())


@pytest.fixture(params=["fast", "standard"])
def socket_path(request: pytest.FixtureRequest) -> str:
    """Both ways in which the relay can own its sockets; every test runs with each."""
    return str(request.param)


@pytest.fixture
def relay_config() -> dict[str, Any]:
    """Traits of MeetRelay; tests override this to shrink a limit."""
    return {}


@pytest.fixture
def jp_server_config(
    tmp_path: Path, relay_config: dict[str, Any], socket_path: str
) -> dict[str, Any]:
    return {
        "ServerApp": {
            "jpserver_extensions": {"meetwidget_server": True},
            "identity_provider_class": NamedPeople,
        },
        "MeetRelay": {
            "database": str(tmp_path / "log" / "rooms.sqlite"),
            "fast_path": socket_path == "fast",
            "freeze_garbage": False,
            **relay_config,
        },
    }


async def hang_up() -> None:
    """Cuts the connections that a test has left open."""
    clients, WireClient.connected[:] = list(WireClient.connected), []
    for client in clients:
        await client.vanish()


@pytest.fixture(autouse=True)
def no_connection_is_left(jp_asyncio_loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Hangs up after each test, also after those that use a server process."""
    yield
    if WireClient.connected:
        jp_asyncio_loop.run_until_complete(hang_up())


class Server:
    """The server under test, as its users reach it."""

    def __init__(
        self,
        app: ServerApp,
        fetch: Callable[..., Awaitable[HTTPResponse]],
        listening: list[socket.socket],
    ) -> None:
        self.app = app
        self.listening = listening
        self._fetch = fetch

    @property
    def extension(self) -> MeetWidgetApp:
        (extension,) = self.app.extension_manager.extension_apps["meetwidget_server"]
        assert isinstance(extension, MeetWidgetApp)
        return extension

    @property
    def relay(self) -> Relay:
        return self.extension.relay

    def control_sockets(self) -> list[ControlSocket]:
        """The relay's ends of the control connections."""
        return [owner for owner in self._owners() if isinstance(owner, ControlSocket)]

    def media_sockets(self) -> list[MediaSocket]:
        """The relay's ends of the media connections."""
        return [owner for owner in self._owners() if isinstance(owner, MediaSocket)]

    def _owners(self) -> list[Any]:
        return [link._owner for link in hub_of(self.relay.loop).links]

    async def fetch(
        self,
        path: str,
        person: str | None = "ada",
        *,
        raw: bool = False,
        **options: Any,
    ) -> HTTPResponse:
        """Calls the REST API; an answer that is an error is returned like any other."""
        headers = dict(options.pop("headers", {}))
        if person is not None:
            headers.setdefault("X-Test-Person", person)
            headers.setdefault("Authorization", f"token {self.app.identity_provider.token}")
        else:
            headers.setdefault("Authorization", "")
        parts = (path,) if raw else ("meet", "api", *path.split("/"))
        try:
            return await self._fetch(*parts, headers=headers, **options)
        except HTTPClientError as error:
            if error.response is None:
                raise
            return error.response

    async def json(self, path: str, person: str | None = "ada", **options: Any) -> Any:
        """Calls the REST API and returns what it says."""
        return json.loads((await self.fetch(path, person, **options)).body)

    async def ticket(self, room: str, person: str = "ada", client: str = "browser") -> Any:
        """Asks for a ticket."""
        answer = await self.fetch(
            "tickets",
            person,
            method="POST",
            body=json.dumps({"room": room, "client": client}),
        )
        assert answer.code == 201, answer.body
        return json.loads(answer.body)

    async def connect(
        self, room: str = "lab", person: str = "ada", client: str = "browser"
    ) -> tuple[Peer, str]:
        """Opens a control socket that has not said hello, and returns it with its ticket."""
        grant = await self.ticket(room, person, client)
        peer = await Peer.connect(grant["control_url"], client)
        return peer, grant["ticket"]

    async def join(
        self,
        room: str = "lab",
        person: str = "ada",
        client: str = "browser",
        resume: dict[str, Any] | None = None,
    ) -> Peer:
        """Joins a room."""
        peer, ticket = await self.connect(room, person, client)
        await peer.hello(ticket, resume)
        return peer


@pytest.fixture
def meet(
    jp_serverapp: ServerApp,
    jp_fetch: Callable[..., Awaitable[HTTPResponse]],
    http_server: HTTPServer,
    jp_asyncio_loop: asyncio.AbstractEventLoop,
) -> Iterator[Server]:
    """A running server with the extension."""
    server = Server(jp_serverapp, jp_fetch, list(http_server._sockets.values()))
    yield server
    jp_asyncio_loop.run_until_complete(hang_up())
    jp_asyncio_loop.run_until_complete(server.extension.stop_extension())


@asynccontextmanager
async def eventually(seconds: float = 20.0) -> AsyncIterator[None]:
    """Bounds a wait for something that must happen."""
    async with asyncio.timeout(seconds):
        yield


async def until(condition: Callable[[], bool]) -> None:
    """Waits, turn by turn of the loop, until ``condition`` holds."""
    async with eventually():
        while not condition():  # noqa: ASYNC110 - any condition, not one event
            await asyncio.sleep(0.005)
