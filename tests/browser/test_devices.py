"""Camera, microphone and speaker: prepared before joining, changed and unplugged in the meeting."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Enter
from tests.browser.fake_devices import CAMERAS, FIGURE, PLAIN, WATCH_DEVICES, open_devices, unplug
from tests.browser.person import PATIENCE_MS, Person
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

# Writes down every change of what others see of a participant.
_WATCH_OTHERS = """
(name) => {
  const [session] = [...globalThis[Symbol.for('meetwidget')].versions.values()]
    .flatMap((slots) => [...slots.get('sessions')?.values() ?? []]);
  const seen = globalThis.__seen = [];
  const look = () => {
    const who = [...session.participants.value.values()]
      .find((one) => one.user.display_name === name);
    const sources = [...session.streams.value.values()]
      .filter((stream) => stream.owner === who?.id).map((stream) => stream.source).sort();
    const now = JSON.stringify({ state: [who?.state.camera, who?.state.microphone], sources });
    if (seen.at(-1) !== now) seen.push(now);
  };
  session.participants.subscribe(look);
  session.streams.subscribe(look);
}
"""


def sees(watcher: Person, of: str, camera: str) -> None:
    """Waits until somebody's tile shows what the given fake camera films."""

    def look() -> bool:
        picture = watcher.picture(of)
        return picture is not None and bool(picture[..., 1].max() > 200) is (camera == FIGURE)

    watcher.waits_for(f"what {camera} of {of} films", look)


def reload(person: Person) -> None:
    """Saves the notebook and loads the page anew; nobody is in a meeting then."""
    person.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    person.page.locator(".jp-Document").first.wait_for()
    person.page.wait_for_function(
        "() => [...jupyterapp.shell.widgets('main')].every((w) => !w.context?.model.dirty)"
    )
    person.page.reload()
    person.find("mw-ask").first.wait_for()


def chosen(person: Person, test_id: str) -> Any:
    """What a picker shows."""
    return person.find(test_id).evaluate("select => select.selectedOptions[0].text")


def test_prepared_before_joining_changed_and_unplugged_in_the_meeting(
    person: Enter, lab: JupyterProcess
) -> None:
    """Devices turned on in the preview are announced on joining; others see and hear each change without a gap in state."""
    bob = person("bob-noyce", lab)
    bob.join("devices")
    ada = person("ada-lovelace", lab, flags=(CAMERAS,))
    ada.context.add_init_script(WATCH_DEVICES)
    ada.join("devices")
    reload(ada)
    assert ada.page.evaluate("__devices.asked") == 0

    ada.find("mw-preview-start").click()
    preview = ada.find("mw-preview").locator("video")
    preview.wait_for()
    ada.waits_for(
        "a level of the microphone",
        lambda: int(ada.find("mw-meter").get_attribute("aria-valuenow") or 0) > 10,
    )
    ada.find("mw-choose-camera").select_option(label=PLAIN)
    ada.waits_for("the second camera", lambda: PLAIN in open_devices(ada))
    assert chosen(ada, "mw-choose-speaker") != ""
    assert bob.picture("Ada Lovelace") is None
    ada.find("mw-rejoin").click()
    ada.wait_live()
    sees(bob, "Ada Lovelace", PLAIN)
    bob.waits_for("Ada's beeps", lambda: bob.loudness() > 0.01)

    bob.page.evaluate(_WATCH_OTHERS, "Ada Lovelace")
    ada.find("mw-cam-menu").click()
    ada.page.get_by_role("button", name=FIGURE).click()
    sees(bob, "Ada Lovelace", FIGURE)
    ada.waits_for("one open camera", lambda: PLAIN not in open_devices(ada))
    ada.find("mw-mic-menu").click()
    ada.page.get_by_role("button", name="Fake Audio Input 2").click()
    ada.waits_for("the other microphone", lambda: "Fake Audio Input 2" in open_devices(ada))
    ada.page.keyboard.press("Escape")

    unplug(ada, FIGURE)
    ada.find("mw-notice").filter(has_text=f"{PLAIN} is used instead").wait_for()
    sees(bob, "Ada Lovelace", PLAIN)
    bob.waits_for("Ada's beeps", lambda: bob.loudness() > 0.01)
    assert len(bob.page.evaluate("__seen")) == 1, "others saw a device go off and on"

    unplug(ada, PLAIN)
    ada.find("mw-device-note").filter(has_text="disconnected").wait_for()
    expect(ada.find("mw-cam")).to_have_attribute("aria-pressed", "false")
    bob.waits_for("initials", lambda: bob.picture("Ada Lovelace") is None)

    reload(ada)
    assert ada.page.evaluate("__devices.asked") == 0
    ada.find("mw-preview-start").click()
    ada.waits_for("the remembered devices", lambda: len(open_devices(ada)) == 2)
    assert open_devices(ada) == ["Fake Audio Input 2", FIGURE]
    ada.find("mw-cam").click()
    ada.waits_for("the camera's light to be out", lambda: FIGURE not in open_devices(ada))
