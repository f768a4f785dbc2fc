"""A meeting that goes through a bad line and an outage, in a process of its own; prints what came.

``python -m tests.network.endurance`` prints one object of JSON: for each stage, what each side got
until enough had come or patience ended. A process of its own because it moves into a namespace.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from tests.network.profiles import CLEAN, PROFILES
from tests.network.rig import Rig

PICTURES, TONES = 30, 200
"""Enough of each (a second of sound) to call it going on."""
PATIENCE_S = 60.0
OUTAGE_S = 4.0
"""Long enough for TCP to have given up trying every second; part of the story, not a wait."""


def stage(rig: Rig) -> dict[str, Any]:
    """Returns what both have got from now on, as soon as it is enough or patience is at its end."""
    people = (rig.ada, rig.ben)
    for someone in people:
        someone.begin()
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if all(someone.has(PICTURES, TONES) for someone in people):
            break
        time.sleep(0.1)
    return {
        someone.name: {
            **someone.came(),
            "state": someone.state(),
            "complaints": someone.complaints[-5:],
        }
        for someone in people
    }


def main() -> int:
    """Plays the story."""
    with Rig("reno") as rig:
        rig.meet("endurance")
        told = {"clean": stage(rig)}
        rig.link.set(PROFILES["lossy"].line)
        told["lossy"] = stage(rig)
        rig.link.set(PROFILES["outage"].steps[0].line)
        time.sleep(OUTAGE_S)
        rig.link.set(CLEAN)
        told["after the outage"] = stage(rig)
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
