"""The sending side in a real browser: hidden tabs, still screens, and codecs that all present decode."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.lone_tab import LoneTab
from tests.browser.person import KERNEL_IDLE, PATIENCE_MS, Person, notebook
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

AV1 = "av01.0.08M.08"
CODE = 0x5A3C
HERS = "Ada Lovelace’s screen"

# A screen on which nothing ever moves: a canvas gives a picture only when it is drawn to.
_STILL_SCREEN = """
navigator.mediaDevices.getDisplayMedia = async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
  const context = canvas.getContext('2d');
  const draw = () => {
    context.fillStyle = 'rgb(70 110 160)';
    context.fillRect(0, 0, 1280, 720);
    for (let bit = 0; bit < 16; bit++) {
      context.fillStyle = %d >> bit & 1 ? '#ebebeb' : '#141414';
      context.fillRect(256 + 96 * (bit %% 8), 180 + 180 * (bit >> 3), 96, 180);
    }
  };
  const stream = canvas.captureStream();
  draw();
  globalThis.__stillScreen = canvas;
  return stream;
};
"""

# What an earlier visit of this browser found out.
_ABILITY = """
localStorage.setItem('meetwidget.ability', JSON.stringify({
  browser: navigator.userAgent, until: Date.now() + 1e9, ability: %s }));
"""

# The codecs of the videos that arrive here.
_CODECS = """
() => {
  const found = [];
  for (const slots of globalThis[Symbol.for('meetwidget')]?.versions.values() ?? []) {
    for (const session of slots.get('sessions')?.values() ?? []) {
      const you = session.you.value?.id;
      for (const { owner, source, renditions } of session.streams.value.values()) {
        if (owner !== you && source === 'screen') found.push(...renditions.map((r) => r.codec));
      }
    }
  }
  return found;
}
"""


def able(person: Person) -> Person:
    """Lets the person's browser know that it encodes screens in AV1 and decodes them."""
    ability = {
        "encodes": {"camera": [], "screen": [AV1]},
        "decodes": ["vp8", "opus", "av1"],
        "lines": 360,
    }
    person.context.add_init_script(_ABILITY % json.dumps(ability))
    return person


def sees_codec(person: Person, codec: str) -> None:
    """Waits until every rendition of the shared screen is announced in ``codec``."""
    person.waits_for(
        f"a screen in {codec}",
        lambda: set(person.page.evaluate(_CODECS)) == {codec},
    )


def test_a_still_screen_is_seen_at_once_and_in_a_codec_that_all_decode(
    person: Enter, lab: JupyterProcess
) -> None:
    """Who comes late sees a screen that has not changed since; while one cannot decode AV1 it is VP8."""
    ada = able(person("ada-lovelace", lab))
    ada.context.add_init_script(_STILL_SCREEN % CODE)
    ada.join("still")
    ada.find("mw-screen").click()
    bob = able(person("bob-noyce", lab))
    bob.join("still")
    bob.sees_code(HERS, CODE)
    sees_codec(bob, AV1)
    cem = person("cem-kaner", lab)
    cem.join("still")
    sees_codec(cem, "vp8")
    cem.sees_code(HERS, CODE)
    bob.sees_code(HERS, CODE)
    cem.close()
    sees_codec(bob, AV1)
    bob.sees_code(HERS, CODE)


def test_a_hidden_tab_keeps_sending(
    person: Enter, lab: JupyterProcess, tmp_path: Path, tone_file: Callable[[float], Path]
) -> None:
    """Somebody who looks at another tab is still seen moving and heard by the others."""
    bob = person("bob-noyce", lab)
    bob.join("hidden")
    lesson = lab.root / "hidden" / "lesson.ipynb"
    lesson.parent.mkdir()
    lesson.write_text(notebook("%load_ext meetwidget\n%meet join hidden"))
    with LoneTab(tmp_path, tone_file(1250)) as ada:
        where = f"{lab.url}lab/workspaces/hidden/tree/hidden/lesson.ipynb?reset&token={lab.token}"
        ada.open(where, {"test-person": "ada-lovelace"})
        ada.waits_for(f"({KERNEL_IDLE})()")
        ada.look("jupyterapp.commands.execute('notebook:run-all-cells')")
        ada.waits_for("document.querySelector('[data-testid=mw-room][data-phase=live]') !== null")
        ada.click("mw-cam")
        ada.click("mw-mic")
        bob.page.mouse.click(5, 5)
        bob.waits_for("a picture of Ada", lambda: bob.picture("Ada Lovelace") is not None)
        ada.hide()
        seen: set[bytes] = set()

        def moving() -> bool:
            picture = bob.picture("Ada Lovelace")
            if picture is not None:
                seen.add(picture.tobytes())
            return len(seen) > 8

        bob.waits_for("Ada to move", moving)
        bob.hears(1250)
        assert ada.look("document.visibilityState") == "hidden"
