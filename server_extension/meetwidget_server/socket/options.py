"""What an operator can set about the relay's sockets."""

from __future__ import annotations

from dataclasses import dataclass

SETTING = "meetwidget_socket_options"
"""Key in the Tornado application's settings that holds a :class:`SocketOptions`."""


@dataclass(frozen=True, slots=True)
class SocketOptions:
    """Limits and times of one kind of socket."""

    max_message_bytes: int = 2 * 1024 * 1024
    """Largest message from a client; a longer one closes the socket with 4413."""
    max_pending_bytes: int = 8 * 1024 * 1024
    """Most bytes that may wait for a client that does not read; beyond, it is closed
    with 1013. Bounds the relay's memory per connection."""
    ping_interval: float = 20.0
    """Seconds between pings; proxies cut a silent connection after 30 to 60. 0: none."""
    ping_timeout: float = 15.0
    """Seconds within which something must come back after a ping."""
    close_timeout: float = 5.0
    """Seconds a client has to answer a close frame before it is cut off."""
    fast_path: bool = True
    """Whether the relay may take the socket from Tornado after the handshake."""
