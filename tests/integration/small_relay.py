"""A relay of a hundred lines that does what a test tells it: faults a real one cannot be made to show."""

from __future__ import annotations

import asyncio
import json
import queue
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler
from tornado.websocket import WebSocketHandler

PATIENCE_S = 20.0


def until(condition: Callable[[], Any], what: str = "the condition") -> Any:
    """Polls until the condition holds and returns its value."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.005)
    raise AssertionError(f"{what} did not come true within {PATIENCE_S:g} s")


class SmallRelay:
    """Listens on a free port, in a thread. Everything heard on control sockets is in ``heard``."""

    def __init__(self) -> None:
        self.heard: list[dict[str, Any]] = []
        self.hellos: list[dict[str, Any]] = []
        self.media_hellos: list[dict[str, Any]] = []
        self.media_frames: list[bytes] = []
        self.tickets = 0
        self.ticket_status = 201
        self.ticket_answer: dict[str, Any] = {}
        self.welcoming = True
        self.acknowledging = True
        self.participant = "p1"
        self.recovered = True
        self.epoch = "e1"
        self.others: list[dict[str, Any]] = []
        self.streams: list[dict[str, Any]] = []
        self.kept: dict[str, int] = {}
        self.events: list[dict[str, Any]] = []
        self.controls: set[WebSocketHandler] = set()
        self.medias: set[WebSocketHandler] = set()
        self.port = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready: queue.Queue[int] = queue.Queue()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def say(self, **message: Any) -> None:
        """Sends a message to everybody connected."""
        self._call(lambda: [c.write_message(json.dumps(message)) for c in self.controls])

    def say_media(self, frame: bytes) -> None:
        """Sends a binary frame on every media socket."""
        self._call(lambda: [m.write_message(frame, binary=True) for m in self.medias])

    def close(self, code: int, reason: str = "") -> None:
        """Closes every control socket."""
        self._call(lambda: [c.close(code, reason) for c in list(self.controls)])

    def close_media(self, code: int) -> None:
        """Closes every media socket."""
        self._call(lambda: [m.close(code) for m in list(self.medias)])

    def cut(self) -> None:
        """Ends every control connection without a word."""
        self._call(lambda: [_cut(c) for c in list(self.controls)])

    def answer_hello(self, handler: WebSocketHandler, message: dict[str, Any]) -> None:
        """Welcomes, in the way the test has set."""
        self.hellos.append(message)
        if not self.welcoming:
            return
        you = person(self.participant)
        since = message.get("resume", {}).get("offset", 0) if self.recovered else 0
        handler.write_message(
            json.dumps(
                {
                    "type": "welcome",
                    "protocol": 1,
                    "session": f"s-{self.participant}",
                    "you": you,
                    "room": {
                        "name": "r",
                        "title": "r",
                        "locked": False,
                        "epoch": self.epoch,
                        "offset": len(self.events),
                    },
                    "participants": [you, *self.others],
                    "streams": self.streams,
                    "recovered": self.recovered,
                    "events": [e for e in self.events if e["offset"] > since],
                    "media": {"token": f"m-{self.participant}", "url": "ws://wrong/meet/api/media"},
                    "limits": {
                        "body_bytes": 16384,
                        "data_bytes": 1048576,
                        "frame_bytes": 1048576,
                        "messages_per_second": 50,
                        "participants": 10,
                        "streams": 4,
                    },
                    "ice_servers": [],
                }
            )
        )

    def answer(self, handler: WebSocketHandler, message: dict[str, Any]) -> None:
        """Acknowledges what carries a cid, once per cid."""
        self.heard.append(message)
        cid = message.get("cid")
        if cid is None or not self.acknowledging:
            return
        ack: dict[str, Any] = {"type": "ack", "cid": cid}
        if message["type"] == "chat.send":
            if cid not in self.kept:
                self.kept[cid] = len(self.events) + 1
                self.events.append(self.event(self.kept[cid], message["body"]))
            ack |= {"id": f"m{self.kept[cid]}", "offset": self.kept[cid], "at": 1}
        elif message["type"] == "publish":
            handles = [100 + i for i, _ in enumerate(message["renditions"])]
            ack |= {"stream": f"st-{self.participant}", "handles": handles}
        handler.write_message(json.dumps(ack))

    def event(self, offset: int, body: str, by: str = "p1") -> dict[str, Any]:
        """Returns a message as the log keeps it."""
        who = person(by)
        return {
            "type": "event",
            "offset": offset,
            "at": offset,
            "by": {"id": who["id"], "user": who["user"], "kind": who["kind"]},
            "event": {"kind": "message", "id": f"m{offset}", "body": body},
        }

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._ready.get(timeout=PATIENCE_S)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._loop is not None
        assert self._stop is not None
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(PATIENCE_S)

    def _call(self, function: Callable[[], object]) -> None:
        """Returns when it is done: what the test does next comes after it on every socket."""
        assert self._loop is not None
        done = threading.Event()

        def run() -> None:
            try:
                function()
            finally:
                done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(PATIENCE_S), "the relay's loop stands still"

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        routes = [
            (r"/meet/api/tickets", _Tickets, {"relay": self}),
            (r"/meet/api/control", _Control, {"relay": self}),
            (r"/meet/api/media", _Media, {"relay": self}),
        ]
        server = HTTPServer(Application(routes, log_function=lambda _: None))
        sockets = bind_sockets(0, "127.0.0.1")
        server.add_sockets(sockets)
        self._ready.put(sockets[0].getsockname()[1])
        await self._stop.wait()
        server.stop()
        for handler in [*self.controls, *self.medias]:
            _cut(handler)
        await server.close_all_connections()


def person(id_: str, name: str = "ada", kind: str = "kernel") -> dict[str, Any]:
    """Returns a participant as the relay describes one."""
    user = {"name": name, "display_name": name.title(), "initials": name[0], "color": "red"}
    return {
        "id": id_,
        "user": user,
        "kind": kind,
        "role": "member",
        "state": {},
        "joined_at": 0,
    }


def _cut(handler: WebSocketHandler) -> None:
    if handler.ws_connection is not None:
        handler.ws_connection.stream.close()


class _Tickets(RequestHandler):
    def initialize(self, relay: SmallRelay) -> None:
        self.relay = relay

    def post(self) -> None:
        self.relay.tickets += 1
        self.set_status(self.relay.ticket_status)
        self.write(
            self.relay.ticket_answer
            or {
                "ticket": f"t{self.relay.tickets}",
                "expires_in": 30,
                # A proxy rewrote the Host that the relay saw: only the path is right.
                "control_url": "ws://wrong/meet/api/control",
                "media_url": "ws://wrong/meet/api/media",
                "same_origin": True,
            }
        )


class _Control(WebSocketHandler):
    def initialize(self, relay: SmallRelay) -> None:
        self.relay = relay

    def open(self) -> None:
        self.relay.controls.add(self)

    def on_message(self, message: str | bytes) -> None:
        said = json.loads(message)
        if said["type"] == "hello":
            self.relay.answer_hello(self, said)
        else:
            self.relay.answer(self, said)

    def on_close(self) -> None:
        self.relay.controls.discard(self)


class _Media(WebSocketHandler):
    def initialize(self, relay: SmallRelay) -> None:
        self.relay = relay

    def on_message(self, message: str | bytes) -> None:
        if isinstance(message, str):
            self.relay.media_hellos.append(json.loads(message))
            self.relay.medias.add(self)
            self.write_message('{"type": "ready"}')
        else:
            self.relay.media_frames.append(message)

    def on_close(self) -> None:
        self.relay.medias.discard(self)
