"""Keys of the room: microphone, camera, hold to talk; and where they are just letters."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.fake_devices import WATCH_DEVICES, open_devices
from tests.browser.person import PATIENCE_MS, Person
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)


def click_between_tiles(person: Person) -> None:
    """Clicks where nothing is, as somebody does who wants the keys to go to the meeting."""
    person.page.locator(".mw-stage").click(position={"x": 3, "y": 3})


def is_on(person: Person, button: str, on: bool) -> None:
    """Waits until a device's own button says so."""
    expect(person.find(button)).to_have_attribute("aria-pressed", "true" if on else "false")


def sees_microphone(watcher: Person, of: str, on: bool) -> None:
    """Waits until somebody's tile says that they can be heard, or not."""
    state = "on" if on else "off"
    watcher.tile(of).locator(f"[data-microphone={state}]").wait_for()


def is_silent(listener: Person) -> None:
    """Waits until nothing comes out of the loudspeaker."""
    listener.waits_for("silence", lambda: listener.loudness() < 0.001)


def test_keys_of_the_room(
    person: Enter, lab: JupyterProcess, tone_file: Callable[[float], Path]
) -> None:
    """M, V and a held Space work while the room has the focus, letters stay letters elsewhere, and whoever speaks muted is told."""
    bob = person("bob-noyce", lab)
    bob.join("keys")
    ada = person("ada-lovelace", lab, microphone=tone_file(660))
    ada.context.add_init_script(WATCH_DEVICES)
    ada.join("keys")
    keys = ada.page.keyboard
    name = "Ada Lovelace"

    click_between_tiles(ada)
    keys.press("m")
    is_on(ada, "mw-mic", True)
    sees_microphone(bob, name, True)
    bob.hears(660)
    keys.press("m")
    is_on(ada, "mw-mic", False)
    sees_microphone(bob, name, False)
    is_silent(bob)
    ada.find("mw-muted-hint").filter(has_text="You are muted").wait_for()
    assert len(open_devices(ada)) == 1, "a muted microphone stays open, to be back at once"

    keys.down(" ")
    is_on(ada, "mw-mic", True)
    sees_microphone(bob, name, True)
    bob.hears(660)
    expect(ada.find("mw-muted-hint")).to_be_empty()
    keys.up(" ")
    is_on(ada, "mw-mic", False)
    sees_microphone(bob, name, False)
    is_silent(bob)
    assert ada.page.evaluate("__devices.asked") == 1

    keys.press("v")
    is_on(ada, "mw-cam", True)
    bob.waits_for("Ada's picture", lambda: bob.picture(name) is not None)
    keys.press("v")
    is_on(ada, "mw-cam", False)
    ada.waits_for("the camera's light to be out", lambda: len(open_devices(ada)) == 1)

    ada.find("mw-hand").focus()
    keys.press(" ")
    expect(ada.find("mw-hand")).to_have_attribute("aria-pressed", "true")
    ada.find("mw-chat-input").click()
    keys.type("m v m")
    expect(ada.find("mw-chat-input")).to_have_value("m v m")
    cell = ada.page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-editor").last
    cell.click()
    keys.type("m v m")
    expect(cell).to_contain_text("m v m")
    assert ada.page.locator(".jp-MarkdownCell").count() == 0
    for button in ("mw-mic", "mw-cam"):
        is_on(ada, button, False)

    click_between_tiles(ada)
    keys.press("m")
    is_on(ada, "mw-mic", True)
    bob.find("mw-tab-people").click()
    bob.page.get_by_role("button", name=f"Mute {name}").press("Enter")
    is_on(ada, "mw-mic", False)
    ada.waits_for("the microphone to be closed", lambda: open_devices(ada) == [])
