"""Rules that cannot be read: nobody comes in, and the admin is told which line to change."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.hub_process import HubProcess


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "policy.toml"),
        ("[[rooms", "this is not TOML"),
        ('[[rooms]]\npattern = "a"\njoin = ["evryone"]\n', "evryone"),
        ('[[rooms]]\npattern = "a"\njoined = ["everyone"]\n', "joined"),
    ],
    ids=["absent", "malformed", "unknown subject", "unknown key"],
)
def test_service_does_not_open_with_rules_it_cannot_read(
    tmp_path: Path, text: str | None, words: str
) -> None:
    """A policy file that is absent or wrong ends the service with one sentence: nobody is let in."""
    rig = HubProcess(tmp_path / "hub", service="external")
    policy = tmp_path / "policy.toml"
    if text is not None:
        policy.write_text(text)
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [*rig.service_command(), f"--MeetHub.policy_file={policy}"],
        env={**kept, **rig.service_environment()},
        cwd=rig.folder / "meet",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert words in done.stderr
    assert "Traceback" not in done.stderr
