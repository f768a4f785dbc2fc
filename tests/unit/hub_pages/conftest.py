"""Runs the coroutine tests of this folder, and makes something to be served."""

from __future__ import annotations

import asyncio
from inspect import iscoroutinefunction
from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Runs a coroutine test in a loop of its own."""
    if not iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder with something built in it."""
    (tmp_path / "page.js").write_text("console.log('the page')\n" * 50)
    (tmp_path / "page.css").write_text("body { margin: 0 }\n")
    return tmp_path
