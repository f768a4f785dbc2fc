"""A real Tornado server with one WebSocket handler, and clients that speak in raw bytes."""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from meetwidget_server.socket import SETTING, SocketHandler, SocketOptions, hub_of
from meetwidget_server.socket.poller import LoopPoller
from meetwidget_server.socket.raw import RawLink
from tornado.httpserver import HTTPServer
from tornado.web import Application

PATIENCE_S = 20.0
"""Deadline for things that happen at once on an idle machine."""


async def until(condition: Callable[[], Any]) -> None:
    """Waits for ``condition`` to hold."""
    async with asyncio.timeout(PATIENCE_S):
        while not condition():  # noqa: ASYNC110 - conditions have no events
            await asyncio.sleep(0.005)


class Recorder(SocketHandler):
    """Keeps what its client says; each test derives what it needs."""

    instances: ClassVar[list[Recorder]] = []

    def opened(self) -> None:
        self.instances.append(self)
        self.messages: list[tuple[str, bytes]] = []
        self.gone: list[tuple[int, str]] = []
        self.drained = 0

    def on_text(self, payload: bytes) -> None:
        self.messages.append(("text", payload))

    def on_binary(self, payload: bytes) -> None:
        self.messages.append(("binary", payload))

    def on_drained(self) -> None:
        self.drained += 1

    def on_gone(self, code: int, reason: str) -> None:
        self.gone.append((code, reason))

    @property
    def fast(self) -> bool:
        """Whether this connection is on the fast path."""
        return isinstance(self._link, RawLink)


@dataclass
class RawClient:
    """A client that sends any bytes and takes frames apart."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Writes bytes as they are."""
        self.writer.write(data)
        await self.writer.drain()

    async def frame(self) -> tuple[int, bytes]:
        """Returns the next frame's opcode and payload.

        Raises:
            EOFError: the server has hung up.
            ConnectionError: it has reset the connection.
        """
        async with asyncio.timeout(PATIENCE_S):
            first, size = await self.reader.readexactly(2)
            assert first & 0x80, "the relay never fragments"
            assert not size & 0x80, "a server must not mask"
            if size == 126:
                size = int.from_bytes(await self.reader.readexactly(2), "big")
            elif size == 127:
                size = int.from_bytes(await self.reader.readexactly(8), "big")
            return first & 0x0F, await self.reader.readexactly(size)

    async def close_code(self) -> int:
        """Returns the code of the server's close frame (1005: none), skipping messages.

        1006 stands for an end without a close frame.
        """
        try:
            while True:
                opcode, payload = await self.frame()
                if opcode == 8:
                    return int.from_bytes(payload[:2], "big") if payload else 1005
        except (EOFError, ConnectionError):
            return 1006

    async def ended(self) -> None:
        """Waits until the server has hung up."""
        with suppress(EOFError, ConnectionError):
            while True:
                await self.frame()


class ErrorLog(logging.Handler):
    """Keeps what was logged as an error."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@dataclass
class Rig:
    """A server for one handler class on this loop."""

    handler: type[Any]
    options: SocketOptions = field(default_factory=SocketOptions)
    tls: tuple[ssl.SSLContext, ssl.SSLContext] | None = None
    """The server's and its clients' contexts."""
    own_epoll: bool = True
    settings: dict[str, Any] = field(default_factory=dict)
    errors: int = 0
    """How many errors the server is to log."""

    async def __aenter__(self) -> Self:
        self.log = ErrorLog()
        logging.getLogger().addHandler(self.log)
        if not self.own_epoll:
            loop = asyncio.get_running_loop()
            hub_of(loop).poller = LoopPoller(loop)
        if issubclass(self.handler, Recorder):
            self.handler.instances = []
        self.application = Application(
            [("/", self.handler)],
            log_function=lambda _: None,
            **{SETTING: self.options, **self.settings},
        )
        self.server = HTTPServer(self.application, ssl_options=self.tls and self.tls[0])
        listener = socket.create_server(("127.0.0.1", 0))
        listener.setblocking(False)
        self.server.add_socket(listener)
        self.port: int = listener.getsockname()[1]
        self.clients: list[RawClient] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.stop()
        for client in self.clients:
            client.writer.transport.abort()
        hub = hub_of(asyncio.get_running_loop())
        await hub.close_all(1012, "over", grace=0)
        await self.server.close_all_connections()
        await asyncio.sleep(0)  # lets the links tell their handlers
        await asyncio.sleep(0)
        assert not hub.links
        logging.getLogger().removeHandler(self.log)
        assert len(self.log.messages) == self.errors, self.log.messages

    async def connect(self, *, early: bytes = b"", receive_buffer: int | None = None) -> RawClient:
        """Opens a WebSocket; ``early`` follows the handshake in the same segment."""
        raw = socket.socket()
        if receive_buffer is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(
            sock=raw,
            ssl=self.tls and self.tls[1],
            server_hostname="localhost" if self.tls else None,
            limit=4096 if receive_buffer is not None else 2**20,
        )
        client = RawClient(reader, writer)
        self.clients.append(client)
        await client.send(
            b"GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
            b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Sec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n" + early
        )
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in head
        assert b"permessage-deflate" not in head
        return client

    @property
    def connections(self) -> list[Recorder]:
        """The handlers of all connections so far, in order."""
        instances: list[Recorder] = self.handler.instances
        return instances

    async def connection(self, index: int = -1) -> Recorder:
        """Returns a connection's handler once it has opened."""
        await until(lambda: len(self.connections) == len(self.clients))
        return self.connections[index]
