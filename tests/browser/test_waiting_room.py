"""A room's door in JupyterLab: somebody waits, is let in, and may share only while a moderator lets them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import footage
from tests.browser.conftest import Enter
from tests.browser.person import Person
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

_KEEP_TRACKS = """
(() => {
  globalThis.__tracks = [];
  const media = navigator.mediaDevices;
  const ask = media.getUserMedia.bind(media);
  media.getUserMedia = async (...args) => {
    const stream = await ask(...args);
    globalThis.__tracks.push(...stream.getTracks());
    return stream;
  };
})();
"""


def make(moderator: Person, of: str, role: str) -> None:
    """Chooses a role for somebody in the list of people."""
    row = moderator.find("mw-people").locator("li", has_text=of)
    row.hover()
    row.get_by_test_id("mw-role").click()
    moderator.page.locator(".mw-popover").get_by_role("button", name=role).click()


def test_waiting_being_let_in_and_losing_the_right_to_share(
    person: Enter, lab: JupyterProcess, coded_camera: Callable[[int], Path]
) -> None:
    """The owner makes a waiting room and lets Bob in; as an observer his camera is off for good."""
    code = 0x9B42
    ada = person("ada-lovelace", lab)
    bob = person("bob-noyce", lab, camera=coded_camera(code))
    bob.page.add_init_script(_KEEP_TRACKS)

    def sees_the_code() -> bool:
        picture = ada.picture("bob")
        return picture is not None and footage.read_code(picture) == code

    ada.join("seminar")
    ada.find("mw-tab-people").click()
    ada.find("mw-settings-toggle").click()
    ada.find("mw-access").get_by_label("Waiting room").check()
    ada.find("mw-settings-toggle").click()

    bob.open_notebook("%load_ext meetwidget\n%meet join seminar")
    bob.run_cell()
    bob.find("mw-waiting").wait_for()
    assert "waiting room of seminar" in bob.find("mw-waiting").inner_text()
    assert bob.tiles.count() == 0
    ada.find("mw-admit").click()
    bob.wait_live()

    bob.find("mw-cam").click()
    ada.waits_for("the code in Bob's tile", sees_the_code)
    make(ada, "bob", "observer")
    bob.page.locator("[data-testid=mw-cam][aria-disabled=true][aria-pressed=false]").wait_for()
    assert bob.page.evaluate("globalThis.__tracks.map(track => track.readyState)") == ["ended"]
    ada.waits_for("Bob's tile without a picture", lambda: ada.picture("bob") is None)
    assert bob.find("mw-chat-input").count() == 0

    make(ada, "bob", "member")
    bob.page.locator("[data-testid=mw-cam][aria-disabled=false]").wait_for()
    bob.find("mw-cam").click()
    ada.waits_for("the code in Bob's tile again", sees_the_code)
    assert ada.errors == bob.errors == []
