"""The real service in this process, before a hub that a test has in its hand."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_jupyter.jupyter_core import (  # noqa: F401 - the loop, and the coroutine hooks
    jp_asyncio_loop,
    pytest_pycollect_makeitem,
    pytest_pyfunc_call,
)

from tests.unit.hub.small_hub import Rig, running


@pytest.fixture
def config() -> dict[str, dict[str, Any]]:
    """Traits of MeetHub and MeetRelay; tests override this."""
    return {}


@pytest.fixture
def environment() -> dict[str, str]:
    """More of what the hub tells the service; tests override this."""
    return {}


@pytest.fixture
def rig(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    config: dict[str, dict[str, Any]],
    environment: dict[str, str],
    jp_asyncio_loop: asyncio.AbstractEventLoop,  # noqa: F811 - pytest's way of asking for it
) -> Iterator[Rig]:
    """A running service with ada, bob and cy signed in to its hub."""
    context = running(tmp_path, monkeypatch, config, environment)
    yield jp_asyncio_loop.run_until_complete(context.__aenter__())
    jp_asyncio_loop.run_until_complete(context.__aexit__(None, None, None))
