"""What control and media sockets share: nobody is anybody before a hello, and that in time."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import cast

from meetwidget.wire.close import CloseCode
from meetwidget_server.relay import Relay
from meetwidget_server.routes.base import RELAY
from meetwidget_server.socket import SocketHandler

HELLO_BYTES = 8 * 1024
"""Largest first frame: strangers are given little memory."""


class RelaySocket(SocketHandler):
    """A socket that opens with a credential in its first frame.

    A cookie alone must never open one: a browser sends it to any page's WebSocket. So the
    handshake is open to everyone from an allowed origin, and worth nothing by itself.
    """

    _hello_timer: asyncio.TimerHandle | None = None

    @property
    def relay(self) -> Relay:
        """The relay behind this front."""
        return cast("Relay", self.settings[RELAY])

    def opened(self) -> None:
        relay = self.relay
        if relay.stopping:
            self.close(CloseCode.RESTARTING, "The relay restarts.")
            return
        self.limit_messages(HELLO_BYTES)
        self._hello_timer = relay.loop.call_later(relay.config.hello_timeout, self._too_late)

    def introduced(self) -> None:
        """The hello has come: what follows may be as large as this kind of socket allows."""
        self._stop_waiting()
        self.limit_messages(self.socket_options.max_message_bytes)

    def _stop_waiting(self) -> None:
        if self._hello_timer is not None:
            self._hello_timer.cancel()
            self._hello_timer = None

    def _too_late(self) -> None:
        self._hello_timer = None
        self.refuse(CloseCode.NO_HELLO, "No hello came in time.")

    @abstractmethod
    def refuse(self, code: int, reason: str) -> None:
        """Says why, in this socket's language, and closes."""

    def on_gone(self, code: int, reason: str) -> None:
        self._stop_waiting()
