"""A real JupyterHub with people of several kinds; most tests share one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_jupyter.jupyter_core import (  # noqa: F401 - the loop, and the coroutine hooks
    jp_asyncio_loop,
    pytest_pycollect_makeitem,
    pytest_pyfunc_call,
)

from tests.hub_process import HubProcess
from tests.integration.wire_client import WireClient

PATIENCE_S = 30.0
"""How long a test waits for what must happen; never how long something may take."""

# Everybody reaches the service, members join; instructors moderate; eve may look at ada's server.
CAMPUS_ROLES = """
c.JupyterHub.load_roles += [
    {"name": "members", "scopes": ["custom:meet:join"], "groups": ["members"]},
    {"name": "guests-of-ada", "scopes": ["access:servers!server=ada/"],
     "users": ["eve", "instructor"]},
]
c.Authenticator.admin_users = {"root-of-hub"}
"""
_MEMBERS = "ada bob eve instructor root-of-hub leaver deleted loser demoted silenced"
CAMPUS_GROUPS = {
    "members": _MEMBERS.split(),
    "instructors": ["instructor", "demoted"],
    "physics": ["ada", "bob", "loser"],
    "physics-instructors": ["instructor"],
}
CAMPUS_POLICY = """
[[rooms]]
pattern = "{course}/*"
see = ["joiners"]
join = ["group:{course}", "group:{course}-instructors"]
create = ["group:{course}", "group:{course}-instructors"]
moderate = ["group:{course}-instructors"]
owner = "hub"

[[rooms]]
pattern = "open-house"
join = ["everyone"]
create = ["everyone"]
guests = true
"""
QUICK = """
c.MeetHub.recheck_interval = 1.0
c.MeetHub.identity_cache = 1.0
c.MeetHub.drain_spread = 0
c.MeetHub.tickets_per_minute = 0
c.MeetRelay.ticket_life = 5.0
"""
"""Waits as short as tests need them."""


@pytest.fixture(scope="session")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    """A hub that starts its service itself; ada and bob have servers running."""
    folder = tmp_path_factory.mktemp("campus")
    policy = folder / "policy.toml"
    policy.write_text(CAMPUS_POLICY)
    hub = HubProcess(
        folder,
        groups=CAMPUS_GROUPS,
        config=CAMPUS_ROLES,
        service_config=QUICK,
        setup={
            "policy": str(policy),
            "everyone_joins": False,
            "moderators": ["group:instructors"],
            "allow_guests": True,
        },
    )
    with hub:
        hub.spawn("ada", "bob")
        yield hub


@pytest.fixture(autouse=True)
def no_connection_is_left(
    jp_asyncio_loop: asyncio.AbstractEventLoop,  # noqa: F811 - pytest's way of asking for it
) -> Iterator[None]:
    """Hangs up after each test."""
    yield

    async def hang_up() -> None:
        clients, WireClient.connected[:] = list(WireClient.connected), []
        for client in clients:
            await client.vanish()

    jp_asyncio_loop.run_until_complete(hang_up())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a test's own hub may write."""
    return tmp_path


def until(condition: Callable[[], bool]) -> None:
    """Waits until ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "What was waited for did not happen."
        time.sleep(0.05)
