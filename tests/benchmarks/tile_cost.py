"""What a tile costs: processor time of a browser that receives one, and of one that sends it.

Two pages with the real engine and no interface (``js/dev/bench``). Ada has a camera; Ben asks for
nothing, then for the small rendition, then for the large one. The difference to *nothing* is the
price: of a received tile at Ben's, of a sent rendition at Ada's. All processes of each browser count
(page, worker, GPU process drawing without a GPU, sockets), in per cent of one core; the median of
rounds in which the sizes take turns.
"""

from __future__ import annotations

import os
import statistics
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.network.priority import descendants
from tests.network.rig import Attendant, Pair

SIZES = {"180p15": (320, 180), "360p24": (640, 360)}
"""CSS pixels asked for, by what the camera's ladder has for them."""
WARM_UP_S = 8.0
"""Until what the engine does once (trying out codecs) is over."""
SETTLE_S = 3.0
"""Until a demand has come through and the rate is settled."""


@dataclass(frozen=True)
class Cost:
    """Parts of one core."""

    rendition: str
    received: float
    sent: float
    pictures: float
    """Drawn a second, while measured."""


def costs(seconds: float, rounds: int = 3) -> tuple[list[Cost], float, float]:
    """Measures; returns the prices, and what the watcher and the camera cost with nothing sent."""
    seen: dict[str, list[tuple[float, float, float]]] = {name: [] for name in SIZES}
    idle = []
    with Pair(favoured=True) as pair:
        for someone, camera in ((pair.ada, True), (pair.ben, False)):
            someone.open()
            someone.join("tile-cost", camera=camera, microphone=False)
        pair.ben.begin()
        pair.until("a picture at ben's", lambda: pair.ben.has(tones=0))
        for someone in (pair.ada, pair.ben):
            someone.page.evaluate("bench.blind()")
        time.sleep(WARM_UP_S)
        for _ in range(rounds):
            ben_idle, ada_idle, _ = _loads(pair, (0, 0), seconds)
            idle.append((ben_idle, ada_idle))
            for name, size in SIZES.items():
                ben, ada, fps = _loads(pair, size, seconds)
                seen[name].append((ben - ben_idle, ada - ada_idle, fps))
    prices = [
        Cost(name, *(statistics.median(column) for column in zip(*measured, strict=True)))
        for name, measured in seen.items()
    ]
    ben_idle, ada_idle = (statistics.median(column) for column in zip(*idle, strict=True))
    return prices, ben_idle, ada_idle


def _loads(pair: Pair, size: tuple[int, int], seconds: float) -> tuple[float, float, float]:
    """Returns what both browsers take of a core while Ben asks for ``size``, and pictures a second."""
    pair.ben.page.evaluate("([width, height]) => bench.resize(width, height)", list(size))
    time.sleep(SETTLE_S)
    before = [_spent(someone) for someone in (pair.ben, pair.ada)]
    started = time.monotonic()
    time.sleep(seconds)
    passed = time.monotonic() - started
    after = [_spent(someone) for someone in (pair.ben, pair.ada)]
    ben, ada = (late - early for early, late in zip(before, after, strict=True))
    return ben / passed, ada / passed, pair.ben.page.evaluate("bench.shown()")["fps"]


def _spent(someone: Attendant) -> float:
    """Seconds of processor time of a browser so far, threads that have ended included."""
    ticks = 0
    for pid in (someone.pid, *descendants(someone.pid)):
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def table(seconds: float) -> str:
    """Measures and returns a Markdown table."""
    prices, idle_ben, idle_ada = costs(seconds)
    lines = [
        "| rendition | a received tile | a sent rendition | pictures/s |",
        "|---|---|---|---|",
        *(
            f"| {price.rendition} | {price.received:.0%} | {price.sent:.0%} | {price.pictures:.0f} |"
            for price in prices
        ),
        "",
        f"Of one core, beyond a page that watches nothing ({idle_ben:.0%}) and one whose camera runs "
        f"unsent ({idle_ada:.0%}).",
    ]
    return "\n".join(lines)
