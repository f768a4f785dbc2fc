"""A meeting of two real browsers over a bad line: what must go on goes on, what broke comes back.

Facts, not times: how soon is measured by ``tests/benchmarks/bench_network.py``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.network.endurance import PICTURES, TONES
from tests.network.link import why_not

ROOT = Path(__file__).resolve().parents[2]
REASON = why_not()
pytestmark = [
    pytest.mark.browser,
    # Each stage has a minute of patience.
    pytest.mark.timeout(420),
    pytest.mark.skipif(REASON is not None, reason=REASON or ""),
]

Told = dict[str, dict[str, dict[str, Any]]]
"""By stage and by person."""


@pytest.fixture(scope="module")
def told() -> Told:
    """What came at each stage of one meeting: clean line, bad line, after an outage."""
    played = subprocess.run(
        [sys.executable, "-m", "tests.network.endurance"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert played.returncode == 0, played.stderr[-4000:]
    return json.loads(played.stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("stage", ["clean", "lossy", "after the outage"])
def test_new_pictures_and_sound_come_to_both_sides(told: Told, stage: str) -> None:
    """Clean, at 1 Mbit/s with 100 ms and 2 % loss, after an outage: new pictures, and sound."""
    for name, got in told[stage].items():
        assert got["pictures"] >= PICTURES, (stage, name, got)
        assert got["tones"] >= TONES, (stage, name, got)


def test_the_meeting_survives_without_errors_on_the_pages(told: Told) -> None:
    """After it all both are live, and no script has failed."""
    for name, got in told["after the outage"].items():
        assert got["state"]["phase"] == {"kind": "live"}, (name, got)
    for stage in told.values():
        for name, got in stage.items():
            errors = [text for text in got["complaints"] if "WebSocket" not in text]
            assert not errors, (name, errors)
