"""Reads the policy again when its file has changed: rules apply without a restart."""

from __future__ import annotations

import asyncio
from pathlib import Path

from meetwidget_server.hub.service import Service
from meetwidget_server.policy import Policy, PolicyError

INTERVAL_S = 5.0
"""Between two looks at the file."""


class PolicyFile:
    """The file of a running service's policy."""

    def __init__(self, service: Service, path: Path) -> None:
        """Takes note of the file as it is, which has been read already."""
        self._service = service
        self._path = path
        self._seen = self._state()

    async def run(self) -> None:
        """Looks again and again, until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_S)
            self.look()

    def look(self) -> None:
        """Reads the file if it has changed; one that cannot be used changes nothing."""
        state = self._state()
        if state == self._seen:
            return
        self._seen = state
        old = self._service.policy
        try:
            self._service.policy = Policy.load(self._path, allow_guests=old.allow_guests)
        except (PolicyError, OSError) as error:
            self._service.log.error("The policy stays as it was: %s", error)
        else:
            self._service.log.info("The policy was read again from %s", self._path)

    def _state(self) -> tuple[int, int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
