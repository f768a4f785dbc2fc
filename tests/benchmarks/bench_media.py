"""How live the pictures are, from one real browser page to another, on loopback.

``python -m tests.benchmarks.bench_media`` prints, for 2 and for 4 participants:

- capture to render, p50/p95 ms: the fake camera is a canvas that shows the time as a bar code;
  the watching page reads the code back out of the tile and compares it with its own clock (one
  machine, one clock). It looks once per animation frame, so up to 16.7 ms of the figure is the
  wait for the display.
- join to first picture, median ms: from the click on "Rejoin" until the tile shows a readable code.

and what a received tile and a sent rendition cost of a core (``tile_cost.py``).

It measures, it does not test: nothing here fails because a machine is slow.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.benchmarks import tile_cost
from tests.browser.person import Person
from tests.jupyter_process import JupyterProcess
from tests.network.figures import quantile

BITS = 24
STATIC = Path(__file__).resolve().parents[2] / "meetwidget" / "static"

# A camera that shows the milliseconds of the clock (24 bits) as black and white columns.
_CLOCK_CAMERA = """
(() => {
  const bits = 24;
  const now = () => Math.floor(performance.timeOrigin + performance.now()) % (1 << bits);
  navigator.mediaDevices.getUserMedia = async (wish) => {
    if (!wish.video) throw new DOMException('no microphone here', 'NotFoundError');
    const canvas = document.createElement('canvas');
    canvas.width = 640; canvas.height = 360;
    const context = canvas.getContext('2d', { alpha: false });
    const draw = () => {
      const time = now();
      context.fillStyle = '#567'; context.fillRect(0, 0, 640, 360);
      for (let bit = 0; bit < bits; bit++) {
        context.fillStyle = (time >> bit) & 1 ? '#fff' : '#000';
        context.fillRect(32 + bit * 24, 90, 24, 180);
      }
    };
    draw();
    setInterval(draw, 1000 / 24);
    return canvas.captureStream(24);
  };
  const small = document.createElement('canvas');
  small.width = 640; small.height = 1;
  const reader = small.getContext('2d', { willReadFrequently: true });
  globalThis.__readClock = (source) => {
    if (!source || !source.width) return null;
    reader.drawImage(source, 0, source.height / 2, source.width, 1, 0, 0, 640, 1);
    const row = reader.getImageData(0, 0, 640, 1).data;
    let code = 0;
    for (let bit = 0; bit < bits; bit++) {
      const value = row[(32 + bit * 24 + 12) * 4];
      if (value > 90 && value < 165) return null;
      if (value >= 165) code |= 1 << bit;
    }
    return code;
  };
  globalThis.__clockNow = now;
  globalThis.__watchClock = (seconds) => new Promise((done) => {
    const ages = []; let last = -1;
    const end = performance.now() + seconds * 1000;
    const look = () => {
      for (const tile of document.querySelectorAll('[data-testid=mw-tile] canvas')) {
        const code = globalThis.__readClock(tile);
        if (code !== null && code !== last) {
          last = code;
          const age = (now() - code + (1 << bits)) % (1 << bits);
          if (age < 60000) ages.push(age);
        }
        break;
      }
      if (performance.now() < end) requestAnimationFrame(look); else done(ages);
    };
    requestAnimationFrame(look);
  });
  globalThis.__joinToPicture = () => new Promise((done, fail) => {
    const start = performance.now();
    document.querySelector('[data-testid=mw-rejoin]').click();
    const look = () => {
      for (const tile of document.querySelectorAll('[data-testid=mw-tile] canvas')) {
        if (globalThis.__readClock(tile) !== null) return done(performance.now() - start);
      }
      if (performance.now() - start > 20000) return fail(new Error('no picture'));
      setTimeout(look, 1);
    };
    look();
  });
})();
"""


def measure(participants: int, seconds: float, joins: int) -> dict[str, float]:
    """Runs one meeting in which everybody has a camera; returns the figures in ms."""
    with (
        tempfile.TemporaryDirectory() as folder,
        JupyterProcess(Path(folder)) as server,
        sync_playwright() as driver,
    ):
        people = [Person(driver, f"person-{n}", server) for n in range(participants)]
        for person in people:
            person.page.add_init_script(_CLOCK_CAMERA)
            person.join("bench")
            person.find("mw-cam").click()
        watcher = people[0]
        watcher.waits_for(
            "a readable clock",
            lambda: watcher.page.evaluate(
                "[...document.querySelectorAll('[data-testid=mw-tile] canvas')]"
                ".some(c => __readClock(c) !== null)"
            ),
        )
        time.sleep(3)
        ages = [float(age) for age in watcher.page.evaluate(f"__watchClock({seconds})")]
        first = []
        for _ in range(joins):
            watcher.find("mw-leave").click()
            watcher.find("mw-rejoin").first.wait_for()
            time.sleep(0.5)
            first.append(float(watcher.page.evaluate("__joinToPicture()")))
            watcher.wait_live()
        for person in people:
            person.close()
    return {
        "pictures": float(len(ages)),
        "p50": quantile(ages, 0.5) or 0.0,
        "p95": quantile(ages, 0.95) or 0.0,
        "join_median": statistics.median(first),
        "join_min": min(first),
        "join_max": max(first),
    }


def bundle() -> tuple[int, int]:
    """Returns gzip bytes of script (worker included) and style."""
    return tuple(  # type: ignore[return-value]
        len(gzip.compress((STATIC / name).read_bytes(), 9)) for name in ("widget.js", "widget.css")
    )


def main() -> int:
    """Prints the figures as a Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--participants", type=int, nargs="*", default=[2, 4])
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--joins", type=int, default=9)
    options = parser.parse_args()
    print("| participants | pictures | capture to render p50 / p95 | join to first picture |")
    print("|---|---|---|---|")
    for participants in options.participants:
        m = measure(participants, options.seconds, options.joins)
        print(
            f"| {participants} | {m['pictures']:.0f} | {m['p50']:.0f} / {m['p95']:.0f} ms | "
            f"{m['join_median']:.0f} ms ({m['join_min']:.0f}–{m['join_max']:.0f}) |",
            flush=True,
        )
    print(f"\n{tile_cost.table(options.seconds)}")
    script, style = bundle()
    print(f"\nBundle, gzip -9: script with worker {script} B, style {style} B.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
