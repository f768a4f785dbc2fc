"""The kernel is a participant: it writes, shows NumPy pictures and reads cameras."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.conftest import Enter
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
_SETUP = f"""
import sys; sys.path.insert(0, {str(ROOT)!r})
from tests import footage
import meetwidget, time
"""


def test_a_kernel_writes_and_listens(person: Enter, lab: JupyterProcess) -> None:
    """What Python sends appears with a kernel tag, and a callback answers a person."""
    ada = person("ada-lovelace", lab)
    ada.open_notebook(
        "%load_ext meetwidget\n%meet join python",
        _SETUP
        + """
room = meetwidget.join("python")
room.chat.send("computed: **42**")
@room.on("message")
def answer(message):
    if message.by.kind == "person":
        room.chat.send("you said " + message.body)
""",
        "time.sleep(600)",
    )
    ada.run_cell(0)
    ada.wait_live()
    ada.run_cell(1)
    message = ada.sees_message("computed: 42")
    assert "kernel" in message.inner_text().lower()
    ada.run_cell(2)
    ada.say("are you listening?")
    ada.sees_message("you said are you listening?")


def test_a_numpy_picture_is_seen_in_the_browser(person: Enter, lab: JupyterProcess) -> None:
    """A picture written by a kernel arrives in a tile pixel for pixel, as far as VP8 allows."""
    ada = person("ada-lovelace", lab)
    ada.open_notebook(
        "%load_ext meetwidget\n%meet join numpy",
        _SETUP
        + """
room = meetwidget.join("numpy")
video = room.publish_video(640, 360, 15)
while True:
    video.write(footage.coded_picture(0x9669))
    time.sleep(1 / 15)
""",
    )
    ada.run_cell(0)
    ada.wait_live()
    ada.run_cell(1)
    ada.sees_code("kernel", 0x9669)


def test_python_reads_a_camera(
    person: Enter, lab: JupyterProcess, coded_camera: Callable[[int], Path]
) -> None:
    """``room.video[participant].frame()`` is the picture that the participant's camera shows."""
    ada = person("ada-lovelace", lab, camera=coded_camera(0xC35A))
    ada.open_notebook(
        "%load_ext meetwidget\n%meet join eyes",
        _SETUP
        + """
room = meetwidget.join("eyes")
ada = next(p for p in room.people if p.user.display_name == "Ada Lovelace")
deadline = time.monotonic() + 30
code = None
while code is None and time.monotonic() < deadline:
    code = footage.read_code(room.video[ada].frame())
print("read", hex(code))
""",
    )
    ada.run_cell(0)
    ada.wait_live()
    ada.find("mw-cam").click()
    ada.run_cell(1)
    ada.page.locator(".jp-OutputArea-output", has_text="read 0xc35a").wait_for()


def test_magic_words_answer_in_one_line(person: Enter, lab: JupyterProcess) -> None:
    """A wrong word gets the nearest right one, never a traceback."""
    ada = person("ada-lovelace", lab)
    ada.open_notebook("%load_ext meetwidget\n%meet jion demo", "%meet join bad/../name")
    ada.run_cell(0)
    output = ada.page.locator(".jp-OutputArea-output", has_text="join").first
    output.wait_for()
    assert "Traceback" not in output.inner_text()
    assert len(output.inner_text().strip().splitlines()) == 1
    ada.run_cell(1)
    ada.page.locator(".jp-OutputArea-output", has_text="room name").first.wait_for()
