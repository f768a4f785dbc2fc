"""A person at a browser: opens a notebook, runs cells, clicks, and sees and hears the meeting."""

from __future__ import annotations

import base64
import io
import itertools
import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy as np
from playwright.sync_api import Error, Locator, Playwright

from tests import footage
from tests.footage import Picture
from tests.jupyter_process import JupyterProcess

T = TypeVar("T")
_count = itertools.count(1)
"""Every notebook gets a folder of its own, and with it a kernel of its own."""

PATIENCE_MS = 30_000
"""How long a person waits before they say that something does not work."""

_GIVEN_UP = "can’t establish a connection to the server at ws"
"""Firefox calls a WebSocket that a page gives up while it connects an error of the page."""

_FAKE_DEVICES = "--use-fake-device-for-media-stream"
_CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    _FAKE_DEVICES,
    "--autoplay-policy=no-user-gesture-required",
]

# Hears what reaches the loudspeaker, whatever made it: every connection to a destination is tapped.
_TAP = """
(() => {
  const connect = AudioNode.prototype.connect;
  const taps = [];
  globalThis.__heard = {
    peak(lowHz, highHz) {
      let best = { hz: 0, db: -Infinity };
      for (const tap of taps) {
        if (tap.context.state !== 'running') continue;
        const bins = new Float32Array(tap.frequencyBinCount);
        tap.getFloatFrequencyData(bins);
        const step = tap.context.sampleRate / tap.fftSize;
        for (let i = Math.ceil(lowHz / step); i <= highHz / step; i++) {
          if (bins[i] > best.db) best = { hz: i * step, db: bins[i] };
        }
      }
      return best;
    },
    rms() {
      let loudest = 0;
      for (const tap of taps) {
        const samples = new Float32Array(tap.fftSize);
        tap.getFloatTimeDomainData(samples);
        loudest = Math.max(loudest, Math.sqrt(samples.reduce((s, v) => s + v * v, 0) / samples.length));
      }
      return loudest;
    },
  };
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode) {
      const tap = new AnalyserNode(this.context, { fftSize: 4096, smoothingTimeConstant: 0 });
      connect.call(this, tap);
      taps.push(tap);
    }
    return connect.call(this, target, ...rest);
  };
})();
"""

_READ_TILE = """
(tile) => {
  const source = tile.querySelector('canvas, video');
  if (!source) return null;
  const width = source.videoWidth || source.width, height = source.videoHeight || source.height;
  if (!width || !height) return null;
  const copy = document.createElement('canvas');
  copy.width = width; copy.height = height;
  const context = copy.getContext('2d');
  context.drawImage(source, 0, 0);
  return copy.toDataURL('image/png');
}
"""


# What the page knows of its meetings, without secrets; read when a test has failed.
_SESSIONS = """
() => {
  const found = [];
  for (const slots of globalThis[Symbol.for('meetwidget')]?.versions.values() ?? []) {
    for (const session of slots.get('sessions')?.values() ?? []) {
      const streams = [...session.streams.value.values()];
      found.push({
        room: session.room, phase: session.phase.value, you: session.you.value?.id,
        rights: session.rights.value, media: session.mediaEndpoint.value?.url, streams,
        demands: streams.map(({ id }) => session.demandOf(id)),
        states: [...session.participants.value.values()].map(({ id, state }) => ({ id, state })),
        stats: [...session.slots.get('media')?.stats?.value ?? []],
        notices: session.notices.value,
      });
    }
  }
  return found;
}
"""

KERNEL_IDLE = """
() => [...globalThis.jupyterapp?.shell.widgets('main') ?? []].some(
  (w) => w.sessionContext?.isReady && w.sessionContext.session?.kernel?.status === 'idle')
"""


def picture_of(url: str) -> Picture:
    """Returns the picture in a data URL, as height × width × 3 RGB."""
    import av

    with av.open(io.BytesIO(base64.b64decode(url.split(",", 1)[1]))) as image:
        frame = next(image.decode(video=0))
        return np.ascontiguousarray(frame.to_ndarray(format="rgb24"))


def notebook(*cells: str) -> str:
    """Returns a notebook with the given code cells, as JSON."""
    return json.dumps(
        {
            "cells": [
                {
                    "cell_type": "code",
                    "id": f"cell-{index}",
                    "metadata": {},
                    "execution_count": None,
                    "outputs": [],
                    "source": source,
                }
                for index, source in enumerate(cells)
            ],
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
            },
            "nbformat": 4,
            "nbformat_minor": 5,
        }
    )


class Person:
    """One person with a browser of their own, fake camera and microphone included.

    Args:
        playwright: the driver.
        name: what others see; also the name of the notebook.
        server: the Jupyter server they are signed in to.
        camera: Y4M file that the fake camera plays, or None for the browser's own pattern.
        microphone: WAV file that the fake microphone plays, or None for the browser's own beep.
        theme: JupyterLab's theme.
        size: window size in CSS pixels.
        browser: which browser.
        permissions: what the browser may use without asking (Chromium).
        flags: further command-line flags (Chromium).
        scale: device pixels per CSS pixel.
        sound_card: environment that leads to one: Firefox needs it to play sound; Chromium then
            plays to it and hears its microphone, instead of the fake camera and microphone.
        shares: title of the tab they choose when asked what to share (Chromium).
    """

    def __init__(
        self,
        playwright: Playwright,
        name: str,
        server: JupyterProcess,
        *,
        camera: Path | None = None,
        microphone: Path | None = None,
        theme: Literal["light", "dark"] = "light",
        size: tuple[int, int] = (1280, 900),
        browser: Literal["chromium", "firefox"] = "chromium",
        permissions: tuple[str, ...] = ("camera", "microphone"),
        flags: tuple[str, ...] = (),
        scale: float = 1,
        sound_card: dict[str, str] | None = None,
        shares: str | None = None,
    ) -> None:
        self.name = name
        self.server = server
        if browser == "chromium":
            chosen = [*_CHROMIUM_FLAGS, *flags]
            if sound_card:
                chosen.remove(_FAKE_DEVICES)
            if camera:
                chosen.append(f"--use-file-for-fake-video-capture={camera}")
            if microphone:
                chosen.append(f"--use-file-for-fake-audio-capture={microphone}")
            if shares:
                # The fake answers would give a fake screen instead.
                chosen.remove("--use-fake-ui-for-media-stream")
                chosen.append(f"--auto-select-tab-capture-source-by-title={shares}")
            self.browser = playwright.chromium.launch(
                executable_path=chromium(),
                args=chosen,
                headless=True,
                env={**os.environ, **(sound_card or {})},
                ignore_default_args=[
                    # Muted, a shared tab would be silent for everybody.
                    *(["--mute-audio"] if sound_card or shares else []),
                ],
            )
        else:
            self.browser = playwright.firefox.launch(
                channel="moz-firefox",
                # The channel alone looks for a snap only.
                executable_path=shutil.which("firefox-esr") or shutil.which("firefox"),
                headless=True,
                env={**os.environ, **(sound_card or {})},
                firefox_user_prefs={
                    "media.navigator.streams.fake": True,
                    "media.navigator.permission.disabled": True,
                    "media.autoplay.default": 0,
                },
            )
        self.context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            color_scheme=theme,
            device_scale_factor=scale,
            **({"permissions": list(permissions)} if browser == "chromium" else {}),
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.context.add_cookies(
            [{"name": "test-person", "value": name, "domain": "127.0.0.1", "path": "/"}]
        )
        self.context.add_init_script(_TAP)
        self.page = self.context.new_page()
        self.console: list[str] = []
        self.errors: list[str] = []
        self.page.on("console", lambda message: self.console.append(message.text))
        self.page.on("pageerror", self._note_error)
        self.theme = theme

    # ------------------------------------------------------------ notebooks

    def open_notebook(self, *cells: str, app: Literal["lab", "notebooks"] = "lab") -> None:
        """Writes a notebook with ``cells`` and opens it in JupyterLab or Notebook 7."""
        folder = f"{self.name}-{next(_count)}"
        path = self.server.root / folder / "lesson.ipynb"
        path.parent.mkdir()
        path.write_text(notebook(*cells))
        base = self.server.url
        where = (
            f"lab/workspaces/{folder}/tree/{folder}/{path.name}?reset&"
            if app == "lab"
            else f"notebooks/{folder}/{path.name}?"
        )
        self.page.goto(f"{base}{where}token={self.server.token}")
        self.wait_for_kernel()
        self._choose_theme()

    def _choose_theme(self) -> None:
        # The theme is a setting of the server's, so another test may have left another one.
        light = self.theme == "light"
        self.page.evaluate(
            "theme => jupyterapp.commands.execute('apputils:change-theme', {theme})",
            f"JupyterLab {self.theme.capitalize()}",
        )
        self.page.locator(f"body[data-jp-theme-light='{json.dumps(light)}']").wait_for(
            state="attached"
        )

    def wait_for_kernel(self) -> None:
        """Waits until the notebook's kernel is idle."""
        self.page.locator(".jp-Notebook .jp-CodeCell").first.wait_for()
        self.page.wait_for_function(KERNEL_IDLE)

    def run_cell(self, index: int = 0) -> None:
        """Clicks into a cell and presses Shift+Enter, as people do."""
        cell = self.page.locator(".jp-Notebook .jp-CodeCell").nth(index)
        cell.locator(".jp-InputArea-editor").click()
        self.page.keyboard.press("Shift+Enter")

    def join(self, room: str, **options: Any) -> None:
        """Opens a notebook, runs ``%meet join`` and waits until the meeting is live."""
        self.open_notebook(f"%load_ext meetwidget\n%meet join {room}", **options)
        self.run_cell()
        self.wait_live()

    def wait_live(self) -> None:
        """Waits until the room says that it is connected."""
        self.room.first.wait_for()
        self.page.locator("[data-testid=mw-room][data-phase=live]").first.wait_for()

    def close_dialogs(self) -> None:
        """Closes dialogs of the notebook itself, such as "Server Connection Error"."""
        dialog = self.page.locator(
            ".jp-Dialog button.jp-mod-accept, .jp-Dialog button.jp-mod-reject"
        )
        while dialog.count():
            dialog.first.click()
            self.page.wait_for_timeout(50)

    # -------------------------------------------------------------- meeting

    def find(self, test_id: str) -> Locator:
        """Returns what carries the given test id."""
        return self.page.get_by_test_id(test_id)

    @property
    def room(self) -> Locator:
        """The meeting."""
        return self.find("mw-room")

    @property
    def tiles(self) -> Locator:
        """Everybody's tiles, one's own included."""
        return self.find("mw-tile")

    def tile(self, of: str) -> Locator:
        """The tile with somebody's name on it."""
        return self.tiles.filter(has_text=of).first

    def say(self, text: str) -> None:
        """Types into the chat and presses Enter, whatever dialogs the host lays over it meanwhile."""
        self.close_dialogs()
        box = self.find("mw-chat-input")
        box.fill(text)

        def sent() -> bool:
            # A dialog that came up in between has taken the key.
            self.close_dialogs()
            box.press("Enter")
            return box.input_value() == ""

        self.waits_for(f"{text!r} to be taken", sent)

    def sees_message(self, text: str) -> Locator:
        """Waits until a chat message with ``text`` is shown."""
        message = self.find("mw-message").filter(has_text=text).first
        message.wait_for()
        return message

    def messages(self) -> list[str]:
        """The bodies of all messages shown, oldest first."""
        return self.page.eval_on_selector_all(
            "[data-testid=mw-message] [data-testid=mw-body]",
            "all => all.map(e => e.textContent.trim())",
        )

    def picture(self, of: str) -> Picture | None:
        """What a tile shows now, as height × width × 3 RGB; None while there is no picture."""
        return self.picture_in(self.tile(of))

    def picture_in(self, tile: Locator) -> Picture | None:
        """What ``tile`` shows now, in whatever window it is; None while there is no picture."""
        if tile.count() == 0:
            return None
        url = tile.evaluate(_READ_TILE)
        return picture_of(url) if url else None

    def waits_for(self, what: str, look: Callable[[], T | None]) -> T:
        """Looks again and again until ``look`` gives something true; fails saying ``what``."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while time.monotonic() < deadline:
            found = look()
            if found:
                return found
            self.page.wait_for_timeout(100)
        raise AssertionError(
            f"{self.name} waited in vain for {what}; page errors: {self.errors}; "
            f"console: {self.console[-8:]}"
        )

    def sees_code(self, of: str, code: int) -> None:
        """Waits until ``code`` can be read in somebody's tile."""

        def look() -> bool:
            picture = self.picture(of)
            return picture is not None and footage.read_code(picture) == code

        self.waits_for(f"the code {code:#06x} in the tile of {of}", look)

    def hears(self, hertz: float, within: float = 15) -> None:
        """Waits until the loudest sound at the loudspeaker is a tone of ``hertz``."""

        def look() -> bool:
            peak = self.page.evaluate("globalThis.__heard.peak(150, 8000)")
            return peak["db"] is not None and peak["db"] > -60 and abs(peak["hz"] - hertz) < within

        self.waits_for(f"a tone of {hertz:.0f} Hz", look)

    def loudness(self) -> float:
        """Root mean square at the loudspeaker now, 0…1."""
        return float(self.page.evaluate("globalThis.__heard.rms()"))

    def _note_error(self, error: Error) -> None:
        if _GIVEN_UP not in str(error):
            self.errors.append(str(error))

    def keep_evidence(self, stem: Path) -> None:
        """Writes a screenshot, the console and the server's log beside ``stem``."""
        stem.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.page.screenshot(path=stem.with_suffix(".png"))
        except Error as error:
            self.errors.append(f"no screenshot: {error}")
        try:
            self.console += [json.dumps(one) for one in self.page.evaluate(_SESSIONS)]
        except Error as error:
            self.errors.append(f"no sessions: {error}")
        log = self.server.log.read_text(errors="replace")[-8000:]
        stem.with_suffix(".txt").write_text("\n".join([*self.errors, *self.console, "", log]))

    def close(self) -> None:
        """Closes the browser, and with it all its pages."""
        # One step: Firefox now and then never answers to the closing of a context.
        self.browser.close()


def chromium() -> str:
    """Returns the path of the system's Chromium."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("No Chromium found; see tests/system-packages.sh.")
