"""A shared tab: sharp, large at once, with its sound, and ended from either side."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from tests import footage
from tests.browser.conftest import Enter
from tests.browser.person import PATIENCE_MS, Person
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

TITLE = "Lecture notes"
CODE = 0x2D6B
HERTZ = 880
# The blocks lie as in footage.coded_picture; the lines are as fine as those of small letters.
_NOTES = """
<title>{title}</title>
<style>
  body {{ margin: 0; background: rgb(70 110 160) }}
  i {{ position: absolute; width: 7.5%; height: 25% }}
  p {{ position: absolute; inset: 4% 60% 84% 4%; margin: 0;
      background: repeating-linear-gradient(90deg, #000 0 2px, #fff 2px 4px) }}
</style>
<p></p>{blocks}
<script>
  const context = new AudioContext();
  const tone = new OscillatorNode(context, {{ frequency: {hertz} }});
  tone.connect(new GainNode(context, {{ gain: 0.2 }})).connect(context.destination);
  tone.start();
</script>
"""


# Sharing began before anybody listened: of a still screen no picture ever comes this way.
_MISSED = """
(() => {
  const Real = MediaStreamTrackProcessor;
  globalThis.MediaStreamTrackProcessor = class {
    constructor(options) {
      const nothing = new TransformStream({ transform: (frame) => frame.close() });
      this.readable = new Real(options).readable.pipeThrough(nothing);
    }
  };
})();
"""


def open_notes(person: Person) -> Page:
    """Opens another tab with something to share: a code, fine lines, and a tone."""
    blocks = "".join(
        f'<i style="left:{20 + 7.5 * (bit % 8)}%;top:{25 + 25 * (bit // 8)}%;'
        f'background:{"#ebebeb" if CODE >> bit & 1 else "#141414"}"></i>'
        for bit in range(16)
    )
    page = person.context.new_page()
    page.set_content(_NOTES.format(title=TITLE, blocks=blocks, hertz=HERTZ))
    person.page.bring_to_front()
    return page


def sees_fine_lines(watcher: Person, of: str) -> None:
    """Waits until lines two pixels wide can be told apart."""

    def look() -> bool:
        picture = watcher.picture(of)
        if picture is None:
            return False
        height, width = picture.shape[:2]
        lines = picture[
            int(height * 0.07) : int(height * 0.13), int(width * 0.1) : int(width * 0.3)
        ]
        return bool(np.std(lines.mean(axis=(0, 2))) > 60)

    watcher.waits_for(f"sharp lines in {of}", look)


def test_a_tab_is_shared_and_takes_the_stage(person: Enter, lab: JupyterProcess) -> None:
    """Others see a shared tab large and sharp and hear it, oneself sees a stop button; closing the tab ends it too."""
    bob = person("bob-noyce", lab, size=(1600, 1000))
    bob.join("screen")
    bob.find("mw-panel-toggle").click()
    ada = person("ada-lovelace", lab, shares=TITLE)
    ada.join("screen")
    notes = open_notes(ada)
    hers = "Ada Lovelace’s screen"

    ada.find("mw-screen").click()
    expect(ada.find("mw-screen")).to_have_attribute("aria-pressed", "true")
    bob.sees_code(hers, CODE)
    sees_fine_lines(bob, hers)
    stage = bob.page.locator(".mw-stage").bounding_box()
    tile = bob.tile(hers).bounding_box()
    assert stage
    assert tile
    assert tile["width"] > 0.7 * stage["width"] or tile["height"] > 0.7 * stage["height"]
    bob.hears(HERTZ)

    ada.find("mw-sharing").wait_for()
    ada.find("mw-stop-sharing").click()
    expect(bob.tile(hers)).to_have_count(0)
    expect(ada.find("mw-screen")).to_have_attribute("aria-pressed", "false")

    ada.find("mw-screen").click()
    bob.sees_code(hers, CODE)
    notes.close()
    expect(ada.find("mw-screen")).to_have_attribute("aria-pressed", "false")
    ada.find("mw-device-note").filter(has_text="ended").wait_for()
    expect(bob.tile(hers)).to_have_count(0)
    assert footage.read_code(footage.coded_picture(CODE)) == CODE


def test_a_still_tab_is_shown_though_its_only_picture_was_missed(
    person: Enter, lab: JupyterProcess
) -> None:
    """Browsers give a screen that stands still once; whoever comes late to that has it fetched."""
    bob = person("bob-noyce", lab)
    bob.join("still")
    ada = person("ada-lovelace", lab, shares=TITLE)
    ada.page.add_init_script(_MISSED)
    ada.join("still")
    open_notes(ada)
    ada.find("mw-screen").click()
    bob.sees_code("Ada Lovelace’s screen", CODE)
