"""What one would write first: a Tornado handler that loops over its room.

``python -m tests.benchmarks.plain_server [--link]`` prints its port. With ``--link`` the
same loop runs on the relay's socket layer, without the relay.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from typing import ClassVar

from meetwidget_server.socket import SocketHandler, binary_frame
from tornado.httpserver import HTTPServer
from tornado.web import Application
from tornado.websocket import WebSocketHandler


class Plain(WebSocketHandler):
    """Everybody in the room but the sender gets each message."""

    rooms: ClassVar[dict[str, set[Plain]]] = {}

    def open(self, room: str) -> None:
        self.set_nodelay(True)
        self.room = self.rooms.setdefault(room, set())
        self.room.add(self)

    def on_message(self, message: str | bytes) -> None:
        for client in self.room:
            if client is not self:
                client.write_message(message, binary=True)

    def on_close(self) -> None:
        self.room.discard(self)


class Linked(SocketHandler):
    """The same, frames built once, on the relay's sockets."""

    rooms: ClassVar[dict[str, set[Linked]]] = {}

    def opened(self) -> None:
        self.room = self.rooms.setdefault(self.open_args[0], set())
        self.room.add(self)

    def on_binary(self, payload: bytes) -> None:
        frame = binary_frame(payload)
        for client in self.room:
            if client is not self:
                client.send(frame)

    def on_gone(self, code: int, reason: str) -> None:
        self.room.discard(self)


async def main(handler: type[WebSocketHandler]) -> None:
    # At the end everybody hangs up at once; who then writes to whom is no news.
    logging.getLogger("tornado").setLevel(logging.CRITICAL)
    server = HTTPServer(Application([(r"/(.*)", handler)], log_function=lambda _: None))
    server.listen(0, "127.0.0.1")
    (listener,) = server._sockets.values()
    print(listener.getsockname()[1], flush=True)
    if handler is Linked:
        gc.freeze()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Linked if "--link" in sys.argv else Plain))
