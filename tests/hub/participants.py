"""People and kernels of a hub, who get tickets as real clients do and join with plain sockets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit, urlunsplit

from tests.hub_process import HubProcess
from tests.hub_visitor import Answer, Visitor
from tests.integration.peer import Lane, Message, Peer
from tests.integration.wire_client import WireClient

Kind = Literal["browser", "kernel"]


@dataclass(frozen=True)
class Door:
    """A place that gives tickets: the service itself, or somebody's server on its behalf."""

    hub: HubProcess
    api: str
    """Base URL of the REST API, with a final slash."""

    def ask(
        self, method: str, path: str, token: str | None = None, body: Any = None, **headers: str
    ) -> Answer:
        """Calls the REST API with a token, or with nothing."""
        if token is not None:
            headers["Authorization"] = f"token {token}"
        return self.hub.visitor().request(
            method,
            self.api + path,
            headers=headers,
            body=None if body is None else json.dumps(body),
            cookies=False,
            follow=False,
        )

    def ticket(self, token: str | None, room: str, client: Kind = "browser") -> Answer:
        """Asks for a ticket."""
        return self.ask("POST", "tickets", token, {"room": room, "client": client})

    async def join(
        self,
        token: str,
        room: str = "lab",
        client: Kind = "browser",
        resume: Message | None = None,
    ) -> Participant:
        """Gets a ticket and joins with it."""
        answer = self.ticket(token, room, client)
        assert answer.status == 201, f"{answer.status} {answer.text}"
        return await self.enter(answer.json(), client, resume)

    async def enter(
        self, ticket: Message, client: Kind = "browser", resume: Message | None = None
    ) -> Participant:
        """Opens the socket of a ticket that was got here, and joins."""
        peer = await self.knock(ticket, client)
        await peer.hello(ticket["ticket"], resume)
        return peer

    async def knock(self, ticket: Message, client: Kind = "browser", **headers: str) -> Participant:
        """Opens the socket of a ticket that was got here, and says nothing yet."""
        url = self.reached(ticket, ticket["control_url"])
        wire = await WireClient.connect(url, headers, self.hub.tls_context())
        return Participant(wire, client, self, ticket)

    def reached(self, ticket: Message, url: str) -> str:
        """Returns a socket's address as the protocol says a client has to find it."""
        if not ticket["same_origin"]:
            return url
        here, target = urlsplit(self.api), urlsplit(url)
        scheme = "wss" if here.scheme == "https" else "ws"
        return urlunsplit((scheme, here.netloc, target.path, target.query, ""))


class Participant(Peer):
    """A peer that came through a door, and finds its media sockets through it too."""

    def __init__(self, wire: WireClient, kind: str, door: Door, ticket: Message) -> None:
        super().__init__(wire, kind)
        self.door = door
        self.ticket = ticket

    @property
    def name(self) -> str:
        """The display name that the relay has stamped."""
        return str(self.welcome["you"]["user"]["display_name"])

    async def lane(self, kinds: list[str] | None = None) -> Lane:
        info = self.welcome["media"]
        url = self.door.reached(self.ticket, info["url"])
        lane = Lane(await WireClient.connect(url, None, self.door.hub.tls_context()))
        await lane.say_hello(info["token"], kinds)
        return lane


def service(hub: HubProcess) -> Door:
    """The service as the world reaches it, through the proxy."""
    return Door(hub, f"{hub.service_url}api/")


def server(hub: HubProcess, owner: str) -> Door:
    """Somebody's server as the world reaches it, through the proxy."""
    return Door(hub, f"{hub.user_url(owner)}meet/api/")


def beside(hub: HubProcess) -> Door:
    """The service as kernels reach it, past the proxy."""
    return Door(hub, f"{hub.internal_service_url}api/")


def page_ticket(hub: HubProcess, visitor: Visitor, room: str, **headers: str) -> Answer:
    """Asks for a ticket as the service's own page does: with its cookie and its XSRF token."""
    api = f"{hub.service_url}api/"
    return visitor.post_json(f"{api}tickets", {"room": room, "client": "browser"}, headers=headers)


def refusal(answer: Answer) -> tuple[int, str]:
    """Returns status and code of an answer that says no, and makes sure it says why."""
    said = answer.json()
    assert set(said) >= {"code", "message"}, said
    assert said["message"].endswith((".", "…")), said
    return answer.status, said["code"]
