"""From a service whose hub has crashed to the one that the next hub starts.

A service that the hub started outlives a crash of it, and so do the meetings: they need no hub.
But the next hub starts a service of its own, with another token, so that nobody could sign in
to the old one any more. So the old one stays while there is no hub, and makes way once there is
one; the new one waits for the port meanwhile. Whoever is in comes back as after any restart.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from meetwidget_server.hub.environment import StartError

if TYPE_CHECKING:
    from meetwidget_server.hub.identity import Hub

LOOK_SECONDS = 2.0
"""How often the old one looks whether its hub is there, and whether there is another."""
PATIENCE_SECONDS = 30.0
"""How long the new one waits for the port: two looks and a drain take less."""
RETRY_SECONDS = 0.2

_PARENT = os.getppid()
"""Asked for at once: a hub may crash while its service starts."""


def started_by_hub(environ: Mapping[str, str]) -> bool:
    """Whether a hub started this process: no other tells a service that it has no server name."""
    return environ.get("JUPYTERHUB_SERVER_NAME") == ""


class MakeWay:
    """Ends a service whose hub is gone as soon as there is a new hub."""

    def __init__(self, hub: Hub, stopping: asyncio.Event, log: logging.Logger) -> None:
        """``stopping`` is set when it is time to go."""
        self._hub = hub
        self._stopping = stopping
        self._log = log

    async def run(self) -> None:
        """Looks, until cancelled or until it is time to go."""
        while os.getppid() == _PARENT:  # noqa: ASYNC110 - nobody tells when a parent dies
            await asyncio.sleep(LOOK_SECONDS)
        self._log.warning("The hub that started this service is gone; meetings go on without it")
        while not await self._hub_answers():  # noqa: ASYNC110 - nor when a hub is back
            await asyncio.sleep(LOOK_SECONDS)
        self._log.warning("There is a new hub, which starts a service of its own: making way")
        self._stopping.set()

    async def _hub_answers(self) -> bool:
        # Imported here: the port is opened before the hub's client is loaded.
        from meetwidget_server.hub.identity import HubAway

        try:
            await self._hub.model(self._hub.auth.api_token, fresh=True)
        except HubAway:
            return False
        return True


def wait_for_port(listen: Callable[[], list[socket.socket]]) -> list[socket.socket]:
    """Opens a port that an older service may still have.

    Raises:
        StartError: it has not become free.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return listen()
        except StartError:
            if time.monotonic() >= deadline:
                raise
        time.sleep(RETRY_SECONDS)
