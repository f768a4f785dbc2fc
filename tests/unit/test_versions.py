"""One version number, told by everybody alike."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import meetwidget
from meetwidget.wire.control import PROTOCOL_VERSION

ROOT = Path(__file__).resolve().parents[2]


def _declared() -> str:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_python_and_javascript_agree_on_the_version() -> None:
    """pyproject.toml, package.json, its lock file and the installed package say the same."""
    package = json.loads((ROOT / "js" / "package.json").read_text())
    lock = json.loads((ROOT / "js" / "package-lock.json").read_text())
    assert package["version"] == _declared()
    assert lock["version"] == _declared()
    assert lock["packages"][""]["version"] == _declared()
    assert meetwidget.__version__ == _declared()


def test_the_built_bundle_carries_the_version() -> None:
    """The bundle that notebooks get was built from this version."""
    bundle = (ROOT / "meetwidget" / "static" / "widget.js").read_text(encoding="utf-8")
    assert any(f"{quote}{_declared()}{quote}" in bundle for quote in ('"', "'", "`"))


def test_the_protocol_page_states_the_protocol_in_force() -> None:
    """docs/protocol.md describes the version that the code speaks."""
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    assert page.startswith(f"# The protocol, version {PROTOCOL_VERSION}\n")


def test_the_lock_file_names_no_registry() -> None:
    """Whoever installs takes the packages from their own registry."""
    lock = json.loads((ROOT / "js" / "package-lock.json").read_text())
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
