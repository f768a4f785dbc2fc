"""Policies written as text, read from a real file."""

from __future__ import annotations

from pathlib import Path

import pytest
from meetwidget_server.policy import Policy

from tests.unit.policy.people import Rules, write


@pytest.fixture
def rules(tmp_path: Path) -> Rules:
    """Reads a policy from text."""

    def load(text: str, *, allow_guests: bool = False) -> Policy:
        return Policy.load(write(tmp_path, text), allow_guests=allow_guests)

    return load
