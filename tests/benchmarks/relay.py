"""Seats in the real relay: tickets, control sockets, published streams, watchers, media sockets."""

from __future__ import annotations

import itertools
import json
import os
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from tests.benchmarks.load import Seat
from tests.benchmarks.wire import BINARY, TEXT, Client
from tests.jupyter_process import JupyterProcess

_CONFIG = """
c.MeetRelay.max_participants = 10_000
c.MeetRelay.ping_interval = 0  # the load's clients do not answer between loads
c.ServerApp.log_level = 30
"""
VOICE = {"source": "microphone", "renditions": [{"codec": "opus", "bitrate": 32000}]}
CAMERA = {
    "source": "camera",
    "renditions": [{"codec": "vp8", "width": 320, "height": 180, "fps": 20, "bitrate": 400000}],
}


_people = itertools.count(1)


class Door(Protocol):
    """Where a server is reached: the server itself, or a proxy in front of it."""

    @property
    def port(self) -> int: ...
    @property
    def base_url(self) -> str: ...
    @property
    def token(self) -> str: ...


@contextmanager
def jupyter_server(config: str = "") -> Iterator[JupyterProcess]:
    """Runs a Jupyter server with the extension, as a user would have it."""
    with tempfile.TemporaryDirectory(prefix="meetwidget-bench-") as folder:
        process = JupyterProcess(Path(folder), "jupyter_server", config=_CONFIG + config)
        with process:
            yield process


@dataclass
class Member:
    """Somebody in a room: a control socket and what it was told."""

    control: Client
    welcome: dict[str, Any]
    media: Client | None = None

    def ask(self, message: dict[str, Any], answer: str) -> dict[str, Any]:
        """Sends a control message and returns the first answer of a type."""
        self.control.send(TEXT, json.dumps(message).encode())
        return self.wait(answer)

    def wait(self, answer: str) -> dict[str, Any]:
        """Returns the next message of a type; others are dropped."""
        while True:
            opcode, payload = self.control.receive()
            if opcode != TEXT:
                raise ConnectionError(f"opcode {opcode}: {payload!r}")
            message: dict[str, Any] = json.loads(payload)
            if message["type"] == answer:
                return message
            if message["type"] in ("error", "bye"):
                raise ConnectionError(str(message))


def join(server: Door, room: str) -> Member:
    """Gets a ticket and joins, as somebody who was not there before: users have limits, too."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{server.port}{server.base_url}meet/api/tickets",
        json.dumps({"room": room, "client": "browser"}).encode(),
        {
            "Authorization": f"token {server.token}",
            "Content-Type": "application/json",
            "Cookie": f"test-person=person-{os.getpid()}-{next(_people)}",
        },
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        ticket = json.load(answer)["ticket"]
    control = Client(server.port, f"{server.base_url}meet/api/control")
    member = Member(control, {})
    member.welcome = member.ask(
        {
            "type": "hello",
            "protocol": 1,
            "ticket": ticket,
            "client": {"kind": "browser", "version": "benchmark"},
        },
        "welcome",
    )
    return member


def open_media(server: Door, member: Member, *kinds: str) -> Client:
    """Opens a media socket, for all kinds if none is named."""
    client = Client(server.port, f"{server.base_url}meet/api/media")
    hello: dict[str, Any] = {"type": "hello", "token": member.welcome["media"]["token"]}
    if kinds:
        hello["kinds"] = kinds
    client.send(TEXT, json.dumps(hello).encode())
    opcode, payload = client.receive()
    if opcode != TEXT or json.loads(payload) != {"type": "ready"}:
        raise ConnectionError(f"no ready: {payload!r}")
    member.media = client
    return client


def seat_room(
    server: JupyterProcess, room: str, people: int, speakers: int, sources: Sequence[dict[str, Any]]
) -> list[Seat]:
    """Fills a room: the first ``speakers`` publish the sources, everyone watches all others'."""
    members = [join(server, room) for _ in range(people)]
    published: list[list[str]] = []
    handles: list[list[int]] = []
    for index, member in enumerate(members):
        streams, own = [], []
        for number, source in enumerate(sources if index < speakers else ()):
            ack = member.ask({"type": "publish", "cid": f"p{number}", **source}, "ack")
            streams.append(ack["stream"])
            own += ack["handles"]
        published.append(streams)
        handles.append(own)
    seats = []
    for index, member in enumerate(members):
        client = open_media(server, member)
        wanted = {
            stream: {"width": 320, "height": 180}
            for other, streams in enumerate(published)
            if other != index
            for stream in streams
        }
        if wanted:
            member.control.send(TEXT, json.dumps({"type": "watch", "streams": wanted}).encode())
        own = [*handles[index], 0, 0][:2]
        seat = Seat(client, (own[0], own[1]), acknowledges=True)
        seat.member = member
        seats.append(seat)
    for member in members:  # whoever is answered has been heard
        member.ask({"type": "ping", "t": 1.0}, "pong")
    return seats


__all__ = ["BINARY", "CAMERA", "VOICE", "join", "jupyter_server", "open_media", "seat_room"]
