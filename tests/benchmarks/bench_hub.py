"""How long joining takes on a hub, from the notebook to the first picture.

``python -m tests.benchmarks.bench_hub`` starts a real JupyterHub with its proxy, lets one user
share a camera, and has another one run ``%meet join`` in a fresh page each time. The clock runs
in the page: from Shift+Enter on that cell until a tile shows a readable picture. In between lie
the kernel, the widget, the front end's start, the ticket through the user's own server, the
sockets through the proxy, and the decoder.

It measures, it does not test: nothing here fails because a machine is slow.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.benchmarks.bench_media import _CLOCK_CAMERA, quantile
from tests.browser.hub_person import HubPerson
from tests.hub_process import HubProcess

# The first key press after it was set counts as the start.
_STOPWATCH = """
(() => {
  globalThis.__stopwatch = () => {
    globalThis.__joined = new Promise((done, fail) => {
      addEventListener('keydown', (event) => {
        if (event.key !== 'Enter') return;
        const start = performance.now();
        const look = () => {
          for (const tile of document.querySelectorAll('[data-testid=mw-tile] canvas')) {
            if (globalThis.__readClock(tile) !== null) return done(performance.now() - start);
          }
          if (performance.now() - start > 30000) return fail(new Error('no picture'));
          setTimeout(look, 2);
        };
        look();
      }, { capture: true });
    });
    return true;
  };
})();
"""


def measure(joins: int) -> list[float]:
    """Returns ms from running the cell to the first picture, one figure per fresh page."""
    found: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        HubProcess(Path(folder)) as hub,
        sync_playwright() as driver,
    ):
        hub.spawn("ada", "bob")
        ada = HubPerson(driver, "ada", hub)
        ada.page.add_init_script(_CLOCK_CAMERA)
        ada.join("bench")
        ada.find("mw-cam").click()
        bob = HubPerson(driver, "bob", hub)
        bob.page.add_init_script(_CLOCK_CAMERA)
        bob.page.add_init_script(_STOPWATCH)
        for _ in range(joins):
            bob.open_notebook("%load_ext meetwidget", "%meet join bench")
            bob.run_cell(0)
            bob.wait_for_kernel()
            bob.page.wait_for_timeout(1000)
            bob.page.locator(".jp-Notebook .jp-CodeCell").nth(1).click()
            bob.page.evaluate("__stopwatch()")
            bob.run_cell(1)
            found.append(float(bob.page.evaluate("__joined")))
            bob.find("mw-leave").click()
        ada.close()
        bob.close()
    return found


def main() -> int:
    """Prints the figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--joins", type=int, default=9)
    options = parser.parse_args()
    times = measure(options.joins)
    print(
        f"%meet join to first picture on a hub: median {statistics.median(times):.0f} ms, "
        f"p90 {quantile(times, 0.9):.0f} ms, {min(times):.0f}–{max(times):.0f} ms, n = {len(times)}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
