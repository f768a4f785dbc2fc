"""The kernel is a participant: it writes, shows NumPy pictures and reads cameras."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from meetwidget.media.fitting import Pixels, fit
from tests import footage
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
    """A generator's picture arrives in a tile pixel for pixel, as far as VP8 allows; so does a figure."""
    ada = person("ada-lovelace", lab)
    ada.open_notebook(
        "%load_ext meetwidget\n%meet join numpy",
        _SETUP
        + """
def pictures():
    while True:
        yield footage.coded_picture(0x9669)

room = meetwidget.join("numpy")
video = room.publish_video(frames=pictures(), fps=15)
""",
        """
import matplotlib.pyplot as plt
figure, axes = plt.subplots(figsize=(6.4, 3.6))
video.close()
tile = room.publish_figure(figure)
figure.set_facecolor("lime"); axes.set_facecolor("lime"); axes.set_axis_off()
figure.canvas.draw()
""",
    )
    ada.run_cell(0)
    ada.wait_live()
    ada.run_cell(1)
    ada.sees_code("kernel", 0x9669)
    picture = ada.picture("kernel")
    assert picture is not None
    height, width = picture.shape[:2]
    expected = fit(footage.coded_picture(0x9669), width, height)
    assert decibels(picture, expected) > 25
    ada.run_cell(2)

    def green() -> bool:
        ada.room.first.scroll_into_view_if_needed()  # out of sight nothing is watched
        shown = ada.picture("kernel")
        return shown is not None and bool(np.abs(shown.mean((0, 1)) - (0, 255, 0)).max() < 20)

    ada.waits_for("the figure as it was drawn last", green)


def decibels(picture: Pixels, expected: Pixels) -> float:
    """Returns the peak signal-to-noise ratio."""
    error = float(np.mean((picture.astype(float) - expected) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def test_python_reads_a_camera_and_shows_its_edges(
    person: Enter, lab: JupyterProcess, coded_camera: Callable[[int], Path]
) -> None:
    """Pixels and capture times of a participant's camera reach NumPy; what is made of them comes back."""
    ada = person("ada-lovelace", lab, camera=coded_camera(0xC35A))
    ada.open_notebook(
        "%load_ext meetwidget\n%meet join eyes",
        _SETUP
        + """
import numpy as np
from itertools import islice
from meetwidget.media.fitting import fit

room = meetwidget.join("eyes")
ada = next(p for p in room.people if p.user.display_name == "Ada Lovelace")
deadline = time.monotonic() + 60
code = None
while code is None and time.monotonic() < deadline:
    code = footage.read_code(room.video[ada].frame())
seen = list(islice(room.video[ada].frames(), 10))
times = [picture.captured for picture in seen]
assert times == sorted(set(times)), times
assert abs(time.time() - times[-1]) < 60, (time.time(), times)
height, width = seen[-1].shape[:2]
expected = fit(footage.coded_picture(0xC35A), width, height)
error = np.abs(seen[-1].astype(float) - expected).mean()
print("read", hex(code), "with all its pixels" if error < 12 else f"off by {error}")
""",
        """
from meetwidget.examples import edges
edges.bot.enter(room)
""",
    )
    ada.run_cell(0)
    ada.wait_live()
    ada.find("mw-cam").click()
    ada.run_cell(1)
    ada.page.locator(".jp-OutputArea-output", has_text="read 0xc35a with all its pixels").wait_for()
    ada.run_cell(2)

    def outlined() -> bool:
        ada.room.first.scroll_into_view_if_needed()  # out of sight nothing is watched
        shown = ada.picture("kernel")
        if shown is None:
            return False
        blocks = shown[shown.shape[0] // 4 : -shown.shape[0] // 4].astype(int).sum(axis=2)
        # Between the blocks the dark ink, around them bright lines.
        return bool(np.median(blocks) < 150 < 300 < blocks.max())

    ada.waits_for("the outlines of the blocks", outlined)


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
