"""A WebSocket client that costs next to nothing, so that the server is what is measured.

Blocking while it shakes hands and joins; afterwards the load loops read its socket
themselves. Client frames carry an all-zero mask: the server has to unmask all the
same, the client has nothing to compute.
"""

from __future__ import annotations

import socket
import struct

TEXT, BINARY = 1, 2
_KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def client_frame(opcode: int, payload: bytes) -> bytes:
    """Returns one final frame with an all-zero mask."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65536:
        head = struct.pack("!BBH", 0x80 | opcode, 0xFE, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, size)
    return head + bytes(4) + payload


class Client:
    """One connection to a server on this machine."""

    def __init__(self, port: int, path: str, timeout: float = 30.0) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            (
                f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nUpgrade: websocket\r\n"
                f"Connection: Upgrade\r\nSec-WebSocket-Key: {_KEY}\r\n"
                "Sec-WebSocket-Version: 13\r\n\r\n"
            ).encode()
        )
        self.unread = b""
        while b"\r\n\r\n" not in self.unread:
            self._more()
        head, _, self.unread = self.unread.partition(b"\r\n\r\n")
        if b" 101 " not in head.split(b"\r\n")[0]:
            raise ConnectionError(head.decode(errors="replace"))

    def _more(self) -> None:
        data = self.socket.recv(65536)
        if not data:
            raise ConnectionError("The server hung up.")
        self.unread += data

    def send(self, opcode: int, payload: bytes) -> None:
        """Sends one message, blocking."""
        self.socket.sendall(client_frame(opcode, payload))

    def receive(self) -> tuple[int, bytes]:
        """Returns the next frame's opcode and payload, blocking."""
        while True:
            found = split(self.unread, 0)
            if found is not None:
                start, stop = found
                opcode = self.unread[0] & 0x0F
                payload = self.unread[start:stop]
                self.unread = self.unread[stop:]
                return opcode, payload
            self._more()

    def close(self) -> None:
        """Hangs up."""
        self.socket.close()


def split(data: bytes, position: int) -> tuple[int, int] | None:
    """Returns where the payload of the server frame at ``position`` starts and stops.

    None if the frame is not complete.
    """
    left = len(data) - position
    if left < 2:
        return None
    size = data[position + 1]
    start = position + 2
    if size == 126:
        if left < 4:
            return None
        size = data[position + 2] << 8 | data[position + 3]
        start = position + 4
    elif size == 127:
        if left < 10:
            return None
        size = int.from_bytes(data[position + 2 : position + 10], "big")
        start = position + 10
    return (start, start + size) if start + size <= len(data) else None
