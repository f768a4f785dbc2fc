"""The security page names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DEFAULT = "tests/hub/test_hub_security.py"


def test_every_claim_names_a_test_that_is_there() -> None:
    """A test that is renamed or dropped takes its claim along, or fails here."""
    page = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    missing: list[str] = []
    named = 0
    for paragraph in page.splitlines():
        file = DEFAULT
        for path, same, name in re.findall(
            r"`(?:(tests/[\w/]+\.py)::|(::))?(test_\w+)`", paragraph
        ):
            file = path or (file if same else DEFAULT)
            named += 1
            source = ROOT / file
            text = source.read_text(encoding="utf-8") if source.exists() else ""
            if not re.search(rf"def {name}\b", text):
                missing.append(f"{file}::{name}")
    assert missing == []
    assert named > 50
