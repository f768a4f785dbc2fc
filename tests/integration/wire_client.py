"""A WebSocket client with nothing in between: the tests decide when it reads and what it sends."""

from __future__ import annotations

import asyncio
import base64
import os
import ssl
import struct
from typing import ClassVar, NamedTuple, Self
from urllib.parse import urlsplit

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PATIENCE_S = 20.0
"""How long a test waits for what must come; never how long something may take."""


class Frame(NamedTuple):
    opcode: int
    payload: bytes


class Refused(Exception):
    """The handshake was answered with something else than 101."""

    def __init__(self, status: int, body: str) -> None:
        super().__init__(f"{status} {body}")
        self.status = status


class Closed(Exception):
    """The connection is over; ``code`` is 1006 if no close frame came."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(f"{code} {reason}")
        self.code = code
        self.reason = reason


class WireClient:
    """One connection, one frame at a time; answers pings unless told not to."""

    connected: ClassVar[list[WireClient]] = []
    """Every connection of this test, to be cut when it is over."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.answers_pings = True
        self.pings = 0

    @classmethod
    async def connect(
        cls, url: str, headers: dict[str, str] | None = None, tls: ssl.SSLContext | None = None
    ) -> Self:
        """Opens a WebSocket; names below ``.localhost`` need no resolver.

        Raises:
            Refused: the server did not agree.
        """
        parts = urlsplit(url)
        assert parts.hostname is not None
        host = "127.0.0.1" if parts.hostname.endswith(".localhost") else parts.hostname
        reader, writer = await asyncio.open_connection(
            host, parts.port, ssl=tls if parts.scheme == "wss" else None
        )
        lines = {
            "Host": parts.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
            **(headers or {}),
        }
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        request = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        writer.write(f"GET {path} HTTP/1.1\r\n{request}\r\n".encode())
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE_S)).decode()
        status = int(head.split()[1])
        if status != 101:
            body = (await asyncio.wait_for(reader.read(2000), PATIENCE_S)).decode()
            await hang_up(writer)
            raise Refused(status, body)
        client = cls(reader, writer)
        cls.connected.append(client)
        return client

    # ------------------------------------------------------------------ saying

    def send(self, opcode: int, payload: bytes, *, final: bool = True) -> None:
        """Sends one frame, masked as a client must."""
        size = len(payload)
        first = (0x80 if final else 0) | opcode
        if size < 126:
            head = struct.pack("!BB", first, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", first, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", first, 0x80 | 127, size)
        mask = os.urandom(4)
        repeated = mask * (size // 4 + 1)
        masked = int.from_bytes(payload, "big") ^ int.from_bytes(repeated[:size], "big")
        self._writer.write(head + mask + masked.to_bytes(size, "big"))

    def send_raw(self, data: bytes) -> None:
        """Sends bytes that need not be a frame."""
        self._writer.write(data)

    async def drain(self) -> None:
        """Waits until the system has taken most of what was sent."""
        await self._writer.drain()

    # ----------------------------------------------------------------- hearing

    async def receive(self) -> Frame:
        """Returns the next data frame.

        Raises:
            Closed: there is none any more.
        """
        while True:
            frame = await self.receive_any()
            if frame.opcode == PING:
                self.pings += 1
                if self.answers_pings:
                    self.send(PONG, frame.payload)
            elif frame.opcode == CLOSE:
                if len(frame.payload) < 2:
                    raise Closed(1005)
                raise Closed(int.from_bytes(frame.payload[:2], "big"), frame.payload[2:].decode())
            elif frame.opcode != PONG:
                return frame

    async def receive_any(self) -> Frame:
        """Returns the next frame of whatever kind; raises Closed(1006) at the end."""
        try:
            return await asyncio.wait_for(self._read(), PATIENCE_S)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed(1006) from None

    async def _read(self) -> Frame:
        first, second = await self._reader.readexactly(2)
        assert first & 0x80, "the relay does not fragment"
        assert not second & 0x80, "a server does not mask"
        size = second
        if size == 126:
            (size,) = struct.unpack("!H", await self._reader.readexactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", await self._reader.readexactly(8))
        return Frame(first & 0x0F, await self._reader.readexactly(size))

    async def closed(self) -> Closed:
        """Reads to the end and returns how it ended."""
        try:
            while True:
                await self.receive()
        except Closed as end:
            return end

    # ------------------------------------------------------------------ ending

    async def close(self, code: int = 1000) -> None:
        """Says goodbye as a WebSocket does and waits for the relay's close frame."""
        self.send(CLOSE, struct.pack("!H", code))
        await self.closed()
        await self.vanish()

    async def vanish(self) -> None:
        """Cuts the connection without a word."""
        await hang_up(self._writer)


async def hang_up(writer: asyncio.StreamWriter) -> None:
    """Closes a stream, whatever state it is in."""
    writer.close()
    try:
        await writer.wait_closed()
    except (ConnectionError, OSError):
        return
