"""Medians and ranges of several runs of the network bench, as one Markdown table.

``python -m tests.benchmarks.network_table first.json second.json third.json`` takes what
``bench_network --json`` wrote. The smallest and the largest stand in brackets where they differ
from the median.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.network.profiles import PROFILES

HEAD = (
    "| line | | video p50 / p95, ms | frozen, % | pictures/s | kbit/s "
    "| sound arrives p50 / p95, ms | mouth to ear p50 / p95, ms | gaps, % | recovers, s |"
)
_COLUMNS: tuple[tuple[str, ...], ...] = (
    ("video_p50", "video_p95"),
    ("frozen",),
    ("fps",),
    ("video_kbps",),
    ("arrival_p50", "arrival_p95"),
    ("ear_p50", "ear_p95"),
    ("silent",),
)
_FORMS: dict[str, Callable[[float], str]] = {
    "frozen": lambda value: f"{100 * value:.1f}",
    "silent": lambda value: f"{100 * value:.1f}",
}


def cell(name: str, runs: Sequence[dict[str, Any]]) -> str:
    """Returns the median of one figure, with its range."""
    form = _FORMS.get(name, lambda value: f"{value:.0f}")
    values = [run[name] for run in runs if run[name] is not None]
    if not values:
        return "–"
    middle, low, high = (
        form(value) for value in (statistics.median(values), min(values), max(values))
    )
    return middle if low == high else f"{middle} ({low} to {high})"


def recovery(profile: str, runs: Sequence[dict[str, Any]]) -> str:
    """Returns how long the line's ups and downs are felt after they are over."""
    seconds = "{:.1f}".format

    def told(name: str) -> str:
        values = [run[name] for run in runs]
        never = sum(value is None for value in values)
        known = [value for value in values if value is not None]
        if not known:
            return "never"
        span = f"{seconds(min(known))} to {seconds(max(known))}"
        return f"{seconds(statistics.median(known))} ({span})" + (
            f", never in {never}" if never else ""
        )

    match PROFILES[profile].event:
        case "outage":
            return f"sound {told('sound_back_s')}, picture {told('picture_back_s')}"
        case "drop":
            return told("steady_s")
        case _:
            return "–"


def main(files: Sequence[str]) -> int:
    """Prints the table."""
    runs = [run for file in files for run in json.loads(Path(file).read_text())]
    print(f"{HEAD}\n{'|---' * 10}|")
    for profile, what in dict.fromkeys((run["profile"], run["what"]) for run in runs):
        same = [run for run in runs if (run["profile"], run["what"]) == (profile, what)]
        for way in ("down", "up"):
            figures = [run["figures"][way] for run in same]
            cells = [" / ".join(cell(name, figures) for name in names) for names in _COLUMNS]
            print(
                f"| {PROFILES[profile].title}, {way} | {what} | "
                f"{' | '.join(cells)} | {recovery(profile, figures)} |"
            )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
