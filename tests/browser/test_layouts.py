"""How people look at a room: grid and pages, the speaker's view, pins, floating and full screen.

Kernels are the other participants: each shows a picture and speaks in a few lines of Python.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import numpy as np
import pytest
from playwright.sync_api import Locator, Page

import meetwidget
from meetwidget.media.video_out import VideoOut
from meetwidget.room import Room
from tests import footage
from tests.browser.conftest import Enter
from tests.browser.person import Person
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

_SPEECH_HZ = 300
_RATE = 48_000
_VIDEOS = """
() => [...globalThis[Symbol.for('meetwidget')].versions.values()]
  .flatMap((slots) => [...slots.get('sessions')?.values() ?? []])
  .reduce((sum, session) => sum + session.streams.value.size, 0)
"""


class Voice:
    """A kernel that shows a code and can be made to speak."""

    def __init__(self, server: JupyterProcess, room: str, code: int) -> None:
        self.room: Room = meetwidget.join(room, url=server.url, token=server.token)
        self.id = self.room.you.id
        self.video: VideoOut = self.room.publish_video(320, 180, 8)
        self._picture = footage.coded_picture(code, 320, 180)
        self._audio = self.room.publish_audio()
        self._speaking = Event()
        self._done = Event()
        self._threads = [Thread(target=self._show), Thread(target=self._talk)]
        for thread in self._threads:
            thread.start()

    def shows(self, code: int) -> None:
        """Shows another code from now on."""
        self._picture = footage.coded_picture(code, 320, 180)

    def speak(self, on: bool) -> None:
        """Says "aah" until told to stop."""
        if on:
            self._speaking.set()
        else:
            self._speaking.clear()

    def _show(self) -> None:
        while not self._done.wait(1 / 8):
            self.video.write(self._picture)

    def _talk(self) -> None:
        block = np.arange(_RATE // 10) / _RATE
        tone = (np.sin(2 * np.pi * _SPEECH_HZ * block) * 0.3).astype(np.float32)
        while not self._done.is_set():
            if self._speaking.wait(0.1):
                self._audio.write(tone)

    def leave(self) -> None:
        """Ends both threads and leaves the room."""
        self._done.set()
        for thread in self._threads:
            thread.join()
        self.room.leave()


@contextmanager
def voices(server: JupyterProcess, room: str, *codes: int) -> Iterator[list[Voice]]:
    """Kernels that show one code each, until the block ends."""
    made: list[Voice] = []
    try:
        made.extend(Voice(server, room, code) for code in codes)
        yield made
    finally:
        for one in made:
            one.leave()


def tile_of(page: Page, voice: Voice, kind: str = "camera") -> Locator:
    """The tile of a kernel's camera or screen."""
    return page.locator(f"[data-testid=mw-tile][data-participant='{voice.id}'][data-kind={kind}]")


def shows(person: Person, tile: Locator, code: int) -> None:
    """Waits until a tile, wherever it is, shows ``code``."""

    def look() -> bool:
        picture = person.picture_in(tile)
        return picture is not None and footage.read_code(picture) == code

    person.waits_for(f"the code {code:#06x} in {tile}", look)


def on_stage(person: Person, voice: Voice, kind: str = "camera") -> None:
    """Waits until a kernel's tile is the large one."""
    large = tile_of(person.page, voice, kind).and_(person.page.locator("[data-large=true]"))
    person.waits_for(f"{voice.id} on the stage", lambda: large.count() == 1)


def test_the_stage_follows_who_speaks_and_a_person_s_own_choice(
    person: Enter, lab: JupyterProcess
) -> None:
    """The speaker has the stage and keeps it while silent; a screen takes it; a pin wins."""
    ada = person("ada-lovelace", lab)
    ada.join("turns")
    with voices(lab, "turns", 0x1234, 0x5A5A, 0x0F0F) as (one, two, three):
        ada.waits_for("everybody's tile", lambda: ada.tiles.count() == 4)
        ada.find("mw-layout").click()
        two.speak(True)
        on_stage(ada, two)
        two.speak(False)
        quiet = ada.page.locator("[data-testid=mw-tile][data-speaking=true]")
        ada.waits_for("silence", lambda: quiet.count() == 0)
        on_stage(ada, two)
        three.speak(True)
        on_stage(ada, three)
        shows(ada, tile_of(ada.page, three), 0x0F0F)

        pin = tile_of(ada.page, one).get_by_test_id("mw-pin")
        pin.focus()
        ada.page.keyboard.press("Enter")
        on_stage(ada, one)
        three.speak(False)
        two.speak(True)
        speaks = tile_of(ada.page, two).and_(ada.page.locator("[data-speaking=true]"))
        ada.waits_for("Two to be heard", lambda: speaks.count() == 1)
        on_stage(ada, one)
        ada.page.keyboard.press("Enter")
        on_stage(ada, two)
        two.speak(False)

        ada.find("mw-layout").click()
        stage = ada.find("mw-stage")
        ada.waits_for("equal tiles", lambda: stage.get_attribute("data-layout") == "grid")
        with one.room.publish_video(320, 180, 4, source="screen") as screen:
            screen.write(footage.coded_picture(0x7E81, 320, 180))
            on_stage(ada, one, "screen")
            ada.find("mw-layout").click()
            ada.waits_for("equal tiles", lambda: stage.get_attribute("data-layout") == "grid")
            ada.find("mw-layout").click()
            on_stage(ada, one, "screen")
        ada.waits_for("the screen to go", lambda: tile_of(ada.page, one, "screen").count() == 0)
        assert ada.errors == []


def test_the_room_floats_above_the_notebook_and_fills_the_screen(
    person: Enter, lab: JupyterProcess
) -> None:
    """The small window shows moving pictures, is closed without harm, and full screen works."""
    ada = person("ada-lovelace", lab, theme="dark")
    ada.join("float")
    with voices(lab, "float", 0x3C3C) as (one,):
        shows(ada, tile_of(ada.page, one), 0x3C3C)
        with ada.context.expect_page() as opened:
            ada.find("mw-float-toggle").click()
        window = opened.value
        shows(ada, tile_of(window, one), 0x3C3C)
        one.shows(0x1842)
        shows(ada, tile_of(window, one), 0x1842)
        assert ada.tiles.count() == 0
        background = "getComputedStyle(document.querySelector('.mw-frame')).backgroundColor"
        assert window.evaluate(background) == ada.page.evaluate(background), "the theme is lost"
        window.close()
        shows(ada, tile_of(ada.page, one), 0x1842)

        ada.page.evaluate("delete globalThis.documentPictureInPicture")
        ada.find("mw-float-toggle").click()
        small = ada.find("mw-float")
        shows(ada, small.locator(f"[data-participant='{one.id}']"), 0x1842)
        before = small.bounding_box()
        ada.find("mw-float-grip").focus()
        ada.page.keyboard.press("Shift+ArrowLeft")
        ada.waits_for("the window to move", lambda: small.bounding_box() != before)
        one.shows(0x2DB4)
        shows(ada, small.locator(f"[data-participant='{one.id}']"), 0x2DB4)
        ada.find("mw-float-close").click()
        shows(ada, tile_of(ada.page, one), 0x2DB4)

        full = "document.fullscreenElement === document.querySelector('[data-testid=mw-room]')"
        ada.find("mw-view").click()
        ada.find("mw-full-screen").click()
        ada.waits_for("full screen", lambda: ada.page.evaluate(full))
        tile_of(ada.page, one).get_by_test_id("mw-pin").focus()
        ada.page.keyboard.press("f")
        ada.waits_for("the notebook again", lambda: not ada.page.evaluate(full))
        assert ada.errors == []


def test_pages_out_of_sight_ask_for_nothing(person: Enter, lab: JupyterProcess) -> None:
    """Of more pictures than fit on a page only those in sight are asked for; pages turn by key."""
    ada = person("ada-lovelace", lab)
    ada.join("crowd")
    kernels = [meetwidget.join("crowd", url=lab.url, token=lab.token) for _ in range(4)]
    try:
        picture = footage.coded_picture(0x1111, 160, 90)
        videos: list[VideoOut] = []
        for number in range(28):
            owner = kernels[number % 4]
            video = owner.publish_video(160, 90, 2, source=f"data:{number}")
            video.write(picture)
            videos.append(video)

        def watched() -> list[int]:
            return [number for number, video in enumerate(videos) if video.watched]

        page = ada.find("mw-page")
        ada.waits_for("28 pictures", lambda: ada.page.evaluate(_VIDEOS) == 28)
        page.wait_for()
        pages = int(page.inner_text().split("/")[1])
        seats = math.ceil(29 / pages)
        assert pages > 1
        ada.waits_for("a page of tiles", lambda: ada.tiles.count() == seats)
        # One's own tile is among those of the first page.
        ada.waits_for("the first page to be asked for", lambda: len(watched()) == seats - 1)
        first = set(watched())
        ada.find("mw-pin").first.focus()
        ada.page.keyboard.press("PageDown")
        ada.waits_for("the second page", lambda: page.inner_text() == f"2/{pages}")
        ada.waits_for("the others only", lambda: len(watched()) > 1 and not set(watched()) & first)
    finally:
        for kernel in kernels:
            kernel.leave()
