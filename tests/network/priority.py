"""A larger share of the processors for what a measurement starts, where others use the machine too.

Linux shares processors out among sessions first, and Playwright and the server each start a session of
their own: an ordinary ``nice`` of this process would change nothing.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

NICENESS = -10
"""Nine times the weight of an ordinary session."""


def favour_descendants() -> None:
    """Favours this process's session and those of all it has started; needs root, else nothing."""
    for pid in (os.getpid(), *descendants(os.getpid())):
        # The kernel has no such groups, or the process has ended.
        with suppress(OSError):
            Path(f"/proc/{pid}/autogroup").write_text(str(NICENESS))


def descendants(of: int) -> list[int]:
    """Returns the ids of all processes that ``of`` started, and that those started."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError):
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    pending = [of]
    while pending:
        born = children.get(pending.pop(), [])
        found += born
        pending += born
    return found
