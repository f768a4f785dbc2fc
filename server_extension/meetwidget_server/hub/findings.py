"""What a check found, as lines that a person reads from top to bottom."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

State = Literal["right", "wrong", "note"]
_MARKS = {"right": "✓", "wrong": "✗", "note": "·"}


@dataclass(frozen=True)
class Finding:
    """One thing that is right, wrong, or worth knowing."""

    state: State
    text: str
    """One sentence."""
    add: str = ""
    """The line to add or the command to run, if that mends it."""

    def __str__(self) -> str:
        lines = [f"{_MARKS[self.state]} {self.text}"]
        lines += [f"    {line}" for line in self.add.splitlines()]
        return "\n".join(lines)


def right(text: str) -> Finding:
    """Returns what is as it should be."""
    return Finding("right", text)


def wrong(text: str, add: str = "") -> Finding:
    """Returns what must be mended, with the line that mends it."""
    return Finding("wrong", text, add)


def note(text: str, add: str = "") -> Finding:
    """Returns what is no mistake and yet good to know."""
    return Finding("note", text, add)


def report(findings: Iterable[Finding]) -> tuple[str, int]:
    """Returns the lines, with a last one that sums up, and the exit code: 0 if nothing is wrong."""
    found = list(findings)
    faults = sum(finding.state == "wrong" for finding in found)
    things = "1 thing is" if faults == 1 else f"{faults} things are"
    end = f"{things} to mend." if faults else "Nothing to mend."
    return "\n".join([*map(str, found), "", end]), int(bool(faults))
