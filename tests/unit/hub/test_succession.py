"""A service that outlived its hub, and the one that follows it."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from typing import Any, cast

import pytest
from meetwidget_server.hub import succession
from meetwidget_server.hub.environment import StartError
from meetwidget_server.hub.identity import HubAway
from meetwidget_server.hub.succession import MakeWay, started_by_hub, wait_for_port


def test_only_a_hubs_own_service_has_a_predecessor() -> None:
    """An external service is started by an admin, who sees when the port is taken."""
    assert started_by_hub({"JUPYTERHUB_SERVER_NAME": ""})
    assert not started_by_hub({"JUPYTERHUB_SERVICE_NAME": "meet"})
    assert not started_by_hub({"JUPYTERHUB_SERVER_NAME": "named"})


def test_port_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The predecessor's port is tried until it is free."""
    monkeypatch.setattr(succession, "RETRY_SECONDS", 0.001)
    tries: list[int] = []

    def listen() -> list[socket.socket]:
        tries.append(1)
        if len(tries) < 3:
            raise StartError("taken")
        return []

    assert wait_for_port(listen) == []
    assert len(tries) == 3


def test_port_that_stays_taken_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the end the sentence that says what to do is raised."""
    monkeypatch.setattr(succession, "PATIENCE_SECONDS", 0.0)

    def listen() -> list[socket.socket]:
        raise StartError("taken")

    with pytest.raises(StartError, match="taken"):
        wait_for_port(listen)


class Hub:
    """A hub that is away for two questions."""

    class auth:  # noqa: N801 - stands for the client's attribute
        api_token = "of-the-first-hub"

    def __init__(self) -> None:
        self.asked = 0

    async def model(self, token: str, *, fresh: bool) -> None:
        self.asked += 1
        if self.asked < 3:
            raise HubAway("refused")


@pytest.mark.parametrize("orphan", [True, False])
def test_orphan_stays_while_there_is_no_hub(monkeypatch: pytest.MonkeyPatch, orphan: bool) -> None:
    """It makes way once a hub answers, and not while the hub that started it lives."""
    monkeypatch.setattr(succession, "LOOK_SECONDS", 0.001)
    monkeypatch.setattr(succession, "_PARENT", -1 if orphan else os.getppid())
    hub = Hub()

    async def run() -> bool:
        stopping = asyncio.Event()
        way = MakeWay(cast("Any", hub), stopping, logging.getLogger("test"))
        task = asyncio.create_task(way.run())
        if orphan:
            await asyncio.wait_for(task, 20)
        else:
            for _ in range(100):
                await asyncio.sleep(0)
            task.cancel()
        return stopping.is_set()

    assert asyncio.run(run()) is orphan
    assert hub.asked == (3 if orphan else 0)
