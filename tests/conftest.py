"""The order of the suites, and what lets two of them run side by side.

What is quick to fail comes first, browsers last.

Browsers last also because Playwright's driver keeps an event loop running in the main
thread for as long as it lives, and tests with a loop of their own cannot run beside it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import footage
from tests.namespace import may_have_one, own_network

_SUITES = ("wire", "unit", "simulation", "integration", "hub", "network", "browser")


def pytest_configure(config: pytest.Config) -> None:
    """Side by side, suites would take each other's ports: each process gets a network of its own."""
    if hasattr(config, "workerinput"):
        if may_have_one():
            own_network()
    elif config.getoption("numprocesses", None):
        # What has to be fetched is fetched now: those networks lead nowhere.
        footage.clip("carphone_pristine")
        footage.clip("bigbuckbunny")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts the suites; within each, tests keep their order."""
    root = Path(__file__).parent

    def suite(item: pytest.Item) -> int:
        return _SUITES.index(item.path.relative_to(root).parts[0])

    items.sort(key=suite)
