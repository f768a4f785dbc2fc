"""What ``%meet join`` is asked for besides a room's name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Enter
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser


def test_a_meeting_beside_the_notebook_with_everything_on(
    person: Enter, lab: JupyterProcess, coded_camera: Callable[[int], Path], screenshots: Path
) -> None:
    """``--sidebar --cam --mic``: seen at once, and there until one leaves, whatever the cell shows."""
    ada = person("ada-lovelace", lab, camera=coded_camera(0x51DE))
    ada.open_notebook(
        "%load_ext meetwidget\n%meet join beside --sidebar --cam --mic", "%meet leave"
    )
    ada.run_cell()
    ada.wait_live()
    panel = ada.page.locator("#meetwidget-beside-beside")
    panel.get_by_test_id("mw-room").wait_for()
    assert ada.room.count() == 1, "the cell only says where the meeting is"
    ada.page.get_by_text("The meeting is shown in the sidebar.").wait_for()
    for device in ("mw-cam", "mw-mic"):
        panel.locator(f"[data-testid={device}][aria-pressed=true]").wait_for()
    bob = person("bob-noyce", lab)
    bob.join("beside")
    bob.sees_code("Ada Lovelace", 0x51DE)
    bob.say("I see you")
    ada.sees_message("I see you")
    ada.page.screenshot(path=screenshots / "sidebar.png")
    ada.page.evaluate("jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    ada.page.get_by_text("The meeting is shown in the sidebar.").wait_for(state="detached")
    bob.say("still there?")
    ada.sees_message("still there?")
    ada.run_cell(1)
    panel.wait_for(state="detached")
    bob.page.locator("[data-testid=mw-tile]").nth(1).wait_for(state="detached")
