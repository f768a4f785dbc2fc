"""Screenshots of real meetings, for the README and for looking at.

Each test also promises that the layout holds: tiles do not overlap, nothing spills over.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Literal

import numpy as np
import pytest

import meetwidget
from tests.browser.conftest import Enter
from tests.browser.person import Person
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

_BOXES = """
() => [...document.querySelectorAll('[data-testid=mw-tile]')].map(e => {
  const b = e.getBoundingClientRect(); return [b.left, b.top, b.right, b.bottom]; })
"""
_SPILL = """
() => { const r = document.querySelector('[data-testid=mw-room]');
  return [r.scrollWidth - r.clientWidth, document.documentElement.scrollWidth - innerWidth]; }
"""


def assert_tidy(person: Person, tiles: int) -> None:
    """Checks that all tiles are there, are 16:9, and neither overlap nor leave the room."""
    person.waits_for(f"{tiles} tiles", lambda: person.tiles.count() == tiles)
    person.page.wait_for_timeout(400)
    boxes = person.page.evaluate(_BOXES)
    for index, (left, top, right, bottom) in enumerate(boxes):
        assert right - left > 60, boxes
        assert abs((right - left) / (bottom - top) - 16 / 9) < 0.05, boxes
        for other in boxes[index + 1 :]:
            apart = (
                right <= other[0] + 1
                or other[2] <= left + 1
                or bottom <= other[1] + 1
                or other[3] <= top + 1
            )
            assert apart, boxes
    room, page = person.page.evaluate(_SPILL)
    assert room <= 0
    assert page <= 0


@contextmanager
def kernels(server: JupyterProcess, room: str, count: int) -> Iterator[None]:
    """Kernel participants that show moving pictures until the block ends."""
    done = Event()
    rooms = [meetwidget.join(room, url=server.url, token=server.token) for _ in range(count)]
    y, x = np.mgrid[0:180, 0:320] / 40

    def show(number: int) -> None:
        video = rooms[number].publish_video(320, 180, 8)
        step = 0
        while not done.wait(1 / 8):
            step += 1
            wave = np.sin(x * (1 + number / 3) + step / 6) + np.cos(y * 2 - step / 9 + number)
            hue = np.stack([wave * 40 + 60 + 20 * number, wave * 50 + 120, 190 - wave * 45], -1)
            video.write(np.clip(hue, 0, 255).astype(np.uint8))
        video.close()

    threads = [Thread(target=show, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        done.set()
        for thread in threads:
            thread.join()
        for joined in rooms:
            joined.leave()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_lesson(
    person: Enter,
    lab: JupyterProcess,
    talking_head: Path,
    hopping_head: Path,
    screenshots: Path,
    theme: Literal["light", "dark"],
) -> None:
    """Four people and a kernel in a lesson look as on the README's picture."""
    room = "physics-101" if theme == "light" else "physics-102"
    ada = person("ada-lovelace", lab, theme=theme, size=(1440, 960), scale=1.5)
    carl = person("carl-gauss", lab, theme=theme, camera=talking_head)
    grace = person("grace-hopper", lab, theme=theme, camera=hopping_head)
    emmy = person("emmy-noether", lab, theme=theme)
    for someone in (ada, carl, grace, emmy):
        someone.join(room)
    with kernels(lab, room, 1):
        emmy.say("Fit both models and share the curve. The loss is `0.5 * ||y - X b||**2`.")
        carl.find("mw-cam").click()
        grace.find("mw-cam").click()
        grace.find("mw-hand").click()
        grace.say("Which **seed** do we use?")
        carl.say("```python\nbeta = np.linalg.lstsq(X, y)[0]\nplt.plot(history)\n```")
        helper = meetwidget.join(room, url=lab.url, token=lab.token)
        helper.chat.send("Converged after **38** epochs.")
        ada.sees_message("Converged after 38 epochs.")
        helper.leave()
        for name in ("Carl Gauss", "Grace Hopper", "kernel"):
            ada.waits_for(f"the picture of {name}", lambda n=name: ada.picture(n) is not None)
        assert_tidy(ada, 5)
        ada.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
        ada.room.evaluate("room => room.scrollIntoView({ block: 'center' })")
        ada.page.wait_for_timeout(2500)
        ada.page.mouse.move(3, 500)
        ada.room.screenshot(path=screenshots / f"lesson-{theme}.png")
        ada.page.screenshot(path=screenshots / f"lesson-{theme}-page.png")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [420, 760, 1500])
def test_nine_tiles(
    person: Enter, lab: JupyterProcess, screenshots: Path, width: int, theme: str
) -> None:
    """Nine participants fit at the width of a phone, a half screen and a whole screen."""
    room = f"nine-{width}-{theme}"
    ada = person("ada-lovelace", lab, theme=theme, size=(width, 900))
    ada.join(room)
    ada.page.evaluate("jupyterapp.commands.execute('application:toggle-left-area')")
    with kernels(lab, room, 8):
        assert_tidy(ada, 9)
        # JupyterLab keeps its active cell in sight when the sidebar goes, not the room above it.
        ada.room.evaluate("room => room.scrollIntoView({ block: 'start' })")
        ada.waits_for("a kernel's picture", lambda: ada.picture("kernel") is not None)
        ada.page.wait_for_timeout(1500)
        ada.page.screenshot(path=screenshots / f"nine-{width}-{theme}.png")


def test_alone(person: Enter, lab: JupyterProcess, screenshots: Path) -> None:
    """Somebody alone in a room is told how to invite others."""
    ada = person("ada-lovelace", lab)
    ada.join("alone")
    ada.page.get_by_text("%meet join alone", exact=True).first.wait_for()
    ada.page.screenshot(path=screenshots / "alone.png")
