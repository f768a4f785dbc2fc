"""The meeting goes on: re-run cells, busy kernels, reloads, killed servers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests import footage
from tests.browser.conftest import Enter
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

JOIN = "%load_ext meetwidget\n%meet join {room}"
_ME = "document.querySelector('[data-testid=mw-room]').dataset.participant"

_IN_SIGHT = """(() => {
  const inner = document.querySelector('[data-testid=mw-room]').getBoundingClientRect();
  const outer = document.querySelector('.jp-WindowedPanel-outer').getBoundingClientRect();
  return inner.height > 300 && inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
})()"""


def test_running_the_cell_again_keeps_the_meeting(
    person: Enter, lab: JupyterProcess, coded_camera: Callable[[int], Path]
) -> None:
    """Re-running the cell neither leaves the room nor interrupts the camera."""
    ada = person("ada-lovelace", lab, camera=coded_camera(0x1234))
    bob = person("bob-noyce", lab)
    ada.join("again")
    bob.join("again")
    ada.find("mw-cam").click()
    bob.sees_code("Ada Lovelace", 0x1234)
    before = ada.page.evaluate(_ME)

    ada.run_cell()
    ada.wait_live()
    ada.waits_for("one room view", lambda: ada.room.count() == 1)
    assert ada.page.evaluate(_ME) == before
    assert ada.find("mw-cam").get_attribute("aria-pressed") == "true"
    bob.sees_code("Ada Lovelace", 0x1234)
    ada.say("still here")
    bob.sees_message("still here")


def test_a_room_just_joined_is_in_sight(person: Enter, lab: JupyterProcess) -> None:
    """Wherever its cell is in a long notebook, the room is seen whole without scrolling."""
    ada = person("ada-lovelace", lab)
    filler = "\n".join(f"print({n})" for n in range(25))
    ada.open_notebook(filler, JOIN.format(room="sight"), filler)
    ada.run_cell(1)
    ada.wait_live()
    ada.waits_for("the whole room", lambda: ada.page.evaluate(_IN_SIGHT))


def test_a_busy_kernel_delays_nothing(person: Enter, lab: JupyterProcess) -> None:
    """While a cell sleeps, chat arrives and can be sent."""
    ada = person("ada-lovelace", lab)
    bob = person("bob-noyce", lab)
    ada.open_notebook(JOIN.format(room="busy"), "import time; time.sleep(600)")
    ada.run_cell(0)
    ada.wait_live()
    bob.join("busy")
    ada.run_cell(1)
    ada.page.locator(".jp-InputPrompt", has_text="[*]").first.wait_for()
    bob.say("can you read this?")
    ada.sees_message("can you read this?")
    ada.say("I can")
    bob.sees_message("I can")
    assert ada.page.locator(".jp-InputPrompt", has_text="[*]").count() == 1


def test_scrolling_away_and_back_keeps_the_picture(
    person: Enter, lab: JupyterProcess, coded_camera: Callable[[int], Path]
) -> None:
    """A meeting that was scrolled out of sight is live when it is scrolled back."""
    ada = person("ada-lovelace", lab, camera=coded_camera(0x0F5A))
    bob = person("bob-noyce", lab)
    ada.join("scroll")
    filler = "\n".join(f"print({n})" for n in range(60))
    bob.open_notebook(JOIN.format(room="scroll"), *[filler] * 6)
    bob.run_cell()
    bob.wait_live()
    ada.find("mw-cam").click()
    bob.sees_code("Ada Lovelace", 0x0F5A)
    bob.page.locator(".jp-Notebook .jp-CodeCell").last.scroll_into_view_if_needed()
    bob.page.wait_for_timeout(500)
    ada.say("while you were away")
    bob.room.scroll_into_view_if_needed()
    bob.sees_message("while you were away")
    bob.sees_code("Ada Lovelace", 0x0F5A)


def test_one_click_after_a_reload(person: Enter, lab: JupyterProcess) -> None:
    """After a reload nothing joins by itself; one click brings room and history back."""
    ada = person("ada-lovelace", lab)
    bob = person("bob-noyce", lab)
    ada.join("reload")
    bob.join("reload")
    bob.say("before the reload")
    ada.sees_message("before the reload")
    ada.page.evaluate("jupyterapp.commands.execute('docmanager:save')")
    ada.page.wait_for_timeout(500)
    ada.page.reload()
    bob.say("during the reload")
    ada.find("mw-rejoin").first.click()
    ada.wait_live()
    ada.sees_message("before the reload")
    ada.sees_message("during the reload")
    bob.waits_for("Ada to be there once", lambda: bob.tile("Ada Lovelace").count() == 1)


def test_a_killed_server_comes_back_and_nothing_is_lost(
    person: Enter, own_lab: JupyterProcess, coded_camera: Callable[[int], Path]
) -> None:
    """After kill -9 and a new start both browsers are back by themselves, messages complete and single."""
    ada = person("ada-lovelace", own_lab, camera=coded_camera(0x3C3C))
    bob = person("bob-noyce", own_lab)
    ada.join("phoenix")
    bob.join("phoenix")
    ada.find("mw-cam").click()
    bob.sees_code("Ada Lovelace", 0x3C3C)
    for number in range(5):
        ada.say(f"before {number}")
    bob.sees_message("before 4")

    own_lab.kill()
    ada.page.locator("[data-testid=mw-room][data-phase=reconnecting]").wait_for()
    ada.say("written while the server was away")
    own_lab.start()

    ada.wait_live()
    bob.wait_live()
    bob.sees_message("written while the server was away")
    bob.say("welcome back")
    ada.sees_message("welcome back")
    expected = [
        *(f"before {n}" for n in range(5)),
        "written while the server was away",
        "welcome back",
    ]
    for someone in (ada, bob):
        assert someone.messages() == expected
    bob.sees_code("Ada Lovelace", 0x3C3C)


def test_the_page_of_a_second_device_shows_the_same_picture_at_once(
    person: Enter, lab: JupyterProcess, coded_camera: Callable[[int], Path]
) -> None:
    """Somebody who joins late sees a running camera."""
    ada = person("ada-lovelace", lab, camera=coded_camera(0x5AA5))
    ada.join("late")
    ada.find("mw-cam").click()
    ada.waits_for("own picture", lambda: ada.picture("You") is not None)
    bob = person("bob-noyce", lab)
    bob.join("late")
    bob.sees_code("Ada Lovelace", 0x5AA5)
    assert footage.read_code(footage.coded_picture(0x5AA5)) == 0x5AA5
