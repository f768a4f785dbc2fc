"""Two people meet in JupyterLab: they write, see and hear each other, and leave."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests import footage
from tests.browser.conftest import Enter
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

_COUNT_CAPTURES = """
(() => {
  globalThis.__captures = 0;
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getUserMedia.bind(media);
  globalThis.__tracks = [];
  media.getUserMedia = async (...args) => {
    globalThis.__captures += 1;
    const stream = await ask(...args);
    globalThis.__tracks.push(...stream.getTracks());
    return stream;
  };
})();
"""


def likeness(picture: footage.Picture, original: footage.Picture) -> float:
    """Correlation (−1…1) of two pictures' brightness at 16 × 9, indifferent to scale and contrast."""

    def thumbnail(of: footage.Picture) -> np.ndarray:
        return footage.enlarge(of, 16 * 8, 9 * 8).astype(np.float64).mean(axis=2)

    shown = thumbnail(picture).ravel()
    if shown.std() == 0:  # a canvas before its first picture is like nothing
        return 0.0
    return float(np.corrcoef(shown, thumbnail(original).ravel())[0, 1])


def test_nothing_is_captured_without_a_click(person: Enter, lab: JupyterProcess) -> None:
    """Joining a room asks for neither camera nor microphone."""
    ada = person("ada-lovelace", lab)
    ada.page.add_init_script(_COUNT_CAPTURES)
    ada.join("quiet")
    assert ada.page.evaluate("globalThis.__captures") == 0
    assert ada.find("mw-mic").get_attribute("aria-pressed") == "false"
    assert ada.find("mw-cam").get_attribute("aria-pressed") == "false"


def test_two_people_write_see_and_hear_each_other(
    person: Enter,
    lab: JupyterProcess,
    coded_camera: Callable[[int], Path],
    tone_file: Callable[[float], Path],
    talking_head: Path,
) -> None:
    """Chat, camera and microphone work both ways, with real footage and real speech one way."""
    code = 0xA5C3
    ada = person("ada-lovelace", lab, camera=coded_camera(code), microphone=tone_file(990))
    bob = person("bob-noyce", lab, camera=talking_head, microphone=footage.speech())
    for someone in (ada, bob):
        someone.page.add_init_script(_COUNT_CAPTURES)
        someone.join("physics-101")

    ada.say("hello bob")
    bob.sees_message("hello bob")
    bob.say("hello ada")
    ada.sees_message("hello ada")

    ada.find("mw-cam").click()
    bob.sees_code("Ada Lovelace", code)
    bob.find("mw-cam").click()
    originals = [footage.enlarge(frame) for frame in footage.carphone_frames(60)]

    def sees_bob() -> bool:
        picture = ada.picture("Bob Noyce")
        return picture is not None and max(likeness(picture, o) for o in originals[::3]) > 0.9

    ada.waits_for("the talking head in Bob's tile", sees_bob)

    ada.find("mw-mic").click()
    bob.hears(990)
    bob.find("mw-mic").click()
    ada.waits_for("Bob's voice", lambda: ada.loudness() > 0.01)

    bob.find("mw-leave").click()
    ada.waits_for("Bob's tile to go", lambda: ada.tile("Bob Noyce").count() == 0)
    states = "globalThis.__tracks.map(t => t.readyState)"
    assert set(bob.page.evaluate(states)) == {"ended"}, "Bob's camera light is still on"
    assert ada.errors == []
    assert bob.errors == []


def test_muting_is_seen_and_silences(
    person: Enter, lab: JupyterProcess, tone_file: Callable[[float], Path]
) -> None:
    """After a click on the microphone the others see it off and hear nothing."""
    ada = person("ada-lovelace", lab, microphone=tone_file(1250))
    bob = person("bob-noyce", lab)
    ada.join("mute")
    bob.join("mute")
    bob.page.mouse.click(5, 5)
    ada.find("mw-mic").click()
    bob.hears(1250)
    ada.find("mw-mic").click()
    bob.waits_for("silence", lambda: bob.loudness() < 0.001)
    plate = bob.tile("Ada Lovelace")
    plate.locator("[data-microphone=off]").wait_for()


def test_a_raised_hand_is_seen(person: Enter, lab: JupyterProcess) -> None:
    """A raised hand shows on the other's tile with its place in the queue, and goes again."""
    ada = person("ada-lovelace", lab)
    bob = person("bob-noyce", lab)
    ada.join("hands")
    bob.join("hands")
    ada.find("mw-hand").click()
    hand = bob.tile("Ada Lovelace").get_by_test_id("mw-raised-hand")
    hand.wait_for()
    assert "1" in hand.inner_text()
    ada.find("mw-hand").click()
    hand.wait_for(state="detached")
