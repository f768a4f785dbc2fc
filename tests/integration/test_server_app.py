"""What the extension does in the server's own life: start, activity, garbage, addresses."""

from __future__ import annotations

import gc
from types import SimpleNamespace
from typing import Any

import pytest
from meetwidget_server.app import kernel_url

from tests.integration.conftest import Server, until


@pytest.fixture(params=["fast"])
def socket_path(request: pytest.FixtureRequest) -> str:
    """The server's life knows no sockets."""
    return str(request.param)


async def test_meeting_counts_as_activity(meet: Server) -> None:
    """While somebody is in a room the server is not idle; afterwards it is."""
    assert not meet.app.extension_manager.any_activity()
    ada = await meet.join()
    assert meet.app.extension_manager.any_activity()
    await ada.leave()
    await until(lambda: not meet.app.extension_manager.any_activity())


@pytest.mark.parametrize("relay_config", [{"count_meetings_as_activity": False}])
async def test_operator_decides_whether_a_meeting_counts(meet: Server) -> None:
    """With the trait off, a meeting does not keep an idle server alive."""
    await meet.join()
    assert not meet.app.extension_manager.any_activity()


@pytest.mark.parametrize("relay_config", [{"freeze_garbage": True}])
async def test_what_is_loaded_at_start_is_not_collected_again(meet: Server) -> None:
    """After the start the garbage collector leaves the server's modules alone."""
    try:
        await until(lambda: gc.get_freeze_count() > 10_000)
    finally:
        gc.unfreeze()


async def test_idle_relay_does_nothing(meet: Server) -> None:
    """Without rooms no timer runs."""
    ada = await meet.join()
    assert meet.relay._timer is not None
    await ada.leave()
    await until(lambda: meet.relay._timer is None)
    await meet.join(person="bob")
    assert meet.relay._timer is not None


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, "http://localhost:8888/"),
        ({"ip": "0.0.0.0"}, "http://127.0.0.1:8888/"),
        ({"ip": "*"}, "http://127.0.0.1:8888/"),
        ({"ip": ""}, "http://localhost:8888/"),
        ({"ip": "::"}, "http://[::1]:8888/"),
        ({"ip": "192.168.0.7", "base_url": "/user/ada/"}, "http://192.168.0.7:8888/user/ada/"),
        ({"certfile": "c.pem"}, "https://localhost:8888/"),
    ],
)
def test_address_for_kernels(settings: dict[str, Any], expected: str) -> None:
    """Kernels are given an address that works on the machine they run on."""
    server = SimpleNamespace(
        **{"ip": "localhost", "port": 8888, "base_url": "/", "certfile": "", **settings}
    )
    assert kernel_url(server) == expected
