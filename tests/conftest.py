"""The order of the suites: what is quick to fail comes first, browsers last.

Browsers last also because Playwright's driver keeps an event loop running in the main
thread for as long as it lives, and tests with a loop of their own cannot run beside it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

_SUITES = ("wire", "unit", "simulation", "integration", "hub", "network", "browser")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sorts the suites; within each, tests keep their order."""
    root = Path(__file__).parent

    def suite(item: pytest.Item) -> int:
        return _SUITES.index(item.path.relative_to(root).parts[0])

    items.sort(key=suite)
