"""A meeting of two over an ordered line: relay and Ada at the near end, Ben at the far end.

Everything is real: a Jupyter server with the extension, two Chromiums, session and media engine (or a
plain RTCPeerConnection) on a page without interface (``js/dev/bench``). Only camera and microphone are
made up: moving pictures with a code of the clock, and a melody whose tones belong to moments. All
clocks are this machine's.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from playwright.sync_api import Page, Playwright, sync_playwright

from tests import footage
from tests.jupyter_process import JupyterProcess
from tests.namespace import enter
from tests.network.line import Line
from tests.network.link import NEAR, Congestion, Link
from tests.network.priority import descendants, favour_descendants
from tests.network.profiles import CLEAN

JS = Path(__file__).resolve().parents[2] / "js"
CLIP: Final = "bigbuckbunny"
PICTURES = 48
"""Frames of the clip, played there and back again."""
PATIENCE_S = 60.0
"""Until something has come that must come; never how long something may take."""

_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--autoplay-policy=no-user-gesture-required",
    # Host candidates carry addresses, not names that nobody here resolves.
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]

Samples = dict[str, Any]
"""What a page has seen and heard: see ``Samples`` in js/dev/bench/page.ts."""


class Attendant:
    """A page in the meeting."""

    def __init__(self, name: str, page: Page, url: str, token: str, pid: int) -> None:
        self.name = name
        self.pid = pid
        """Of the browser."""
        self.page = page
        self.url = url
        self.token = token
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", self._note)

    def open(self) -> None:
        """Opens the bench's page, with no meeting yet."""
        self.page.goto(f"{self.url}static/bench.html?token={self.token}")
        self.page.wait_for_function("globalThis.bench !== undefined")
        self.page.evaluate("count => bench.prepare(count)", PICTURES)

    def join(self, room: str, *, camera: bool = True, microphone: bool = True) -> None:
        """Joins and shares."""
        wish = {
            "room": room,
            "token": self.token,
            "camera": camera,
            "microphone": microphone,
        }
        self.page.evaluate("wish => bench.join(wish)", wish)

    def begin(self) -> None:
        """Forgets what was seen; from now on it counts."""
        self.page.evaluate("bench.begin()")

    def end(self) -> Samples:
        """Returns what was seen and heard since :meth:`begin`."""
        return self.page.evaluate("bench.end()")  # type: ignore[no-any-return]

    def came(self) -> dict[str, int]:
        """What has come since :meth:`begin`: ``pictures`` captured since, and ``tones`` (5 ms each)."""
        return self.page.evaluate("bench.came()")  # type: ignore[no-any-return]

    def has(self, pictures: int = 1, tones: int = 1) -> bool:
        """Whether so much has come since :meth:`begin`."""
        came = self.came()
        return came["pictures"] >= pictures and came["tones"] >= tones

    def state(self) -> Any:
        """What the page knows of its meeting, for messages about failures."""
        return self.page.evaluate("bench.state()")

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)


class Pair:
    """A relay and two pages on this machine's loopback; ``with Pair() as pair``, nobody has joined.

    Args:
        favoured: gives everything started here a larger share of the processors (see
            :mod:`tests.network.priority`), for figures that speak of the program.
    """

    ada: Attendant
    ben: Attendant
    server: JupyterProcess

    def __init__(self, *, favoured: bool = False) -> None:
        self.favoured = favoured
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            self._build(Path(self._stack.enter_context(tempfile.TemporaryDirectory())))
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()

    def until(self, what: str, condition: Callable[[], Any]) -> None:
        """Waits for ``condition``; fails with everything known.

        Raises:
            AssertionError: it did not come true within a minute.
        """
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            if condition():
                return
            time.sleep(0.1)
        known = {one.name: (one.complaints[-5:], one.state()) for one in (self.ada, self.ben)}
        raise AssertionError(f"Waited in vain for {what}: {known}")

    def _build(self, folder: Path) -> None:
        page = folder / "page"
        build_page(page)
        config = f'c.ServerApp.ip = "0.0.0.0"\nc.ServerApp.extra_static_paths = [{str(page)!r}]\n'
        self.server = self._stack.enter_context(
            JupyterProcess(folder, program="jupyter_server", config=config)
        )
        driver = self._stack.enter_context(sync_playwright())
        self.ada = self._attend(driver, "ada", "127.0.0.1", _chromium())
        self.ben = self._attend(driver, "ben", *self._far_end(folder))
        if self.favoured:
            favour_descendants()

    def _far_end(self, folder: Path) -> tuple[str, str]:
        """The address by which Ben reaches the server, and the program that is his browser."""
        return "127.0.0.1", _chromium()

    def _attend(self, driver: Playwright, name: str, host: str, executable: str) -> Attendant:
        url = f"http://{host}:{self.server.port}/"
        before = set(descendants(os.getpid()))
        browser = driver.chromium.launch(
            executable_path=executable,
            headless=True,
            args=[*_FLAGS, f"--unsafely-treat-insecure-origin-as-secure={url.rstrip('/')}"],
        )
        self._stack.callback(browser.close)
        # The first process born is the browser; all its others are its children.
        pid = min(set(descendants(os.getpid())) - before)
        context = browser.new_context(
            viewport={"width": 800, "height": 600},
            # Who may use a camera is shown all addresses for a peer connection.
            permissions=["camera", "microphone"],
        )
        context.add_cookies([{"name": "test-person", "value": name, "url": url}])
        return Attendant(name, context.new_page(), url, self.server.token, pid)


class Rig(Pair):
    """A pair with a line between them: ``with Rig("reno") as rig``, and the line is clean.

    The process itself moves into the near namespace for good, so use it in a process of its own.

    Attributes:
        link: the line.
        ada: at the relay's side; her own line is always good.
        ben: behind the line.
    """

    link: Link

    def __init__(self, congestion: Congestion = "reno", *, favoured: bool = False) -> None:
        super().__init__(favoured=favoured)
        self.congestion = congestion

    def meet(self, room: str, line: Line = CLEAN) -> None:
        """Both open the page, then join and share over ``line``; returns when both see and hear."""
        self._open(line)
        for someone in (self.ada, self.ben):
            someone.join(room)
        self._wait_alive()

    def rival(self, line: Line = CLEAN) -> None:
        """The same two pages, anew, with a plain RTCPeerConnection instead of a meeting."""
        self._open(line)
        offer = self.ada.page.evaluate("bench.rivalOffer()")
        answer = self.ben.page.evaluate("sdp => bench.rivalAnswer(sdp)", offer)
        self.ada.page.evaluate("sdp => bench.rivalAccept(sdp)", answer)
        self._wait_alive()

    def _open(self, line: Line) -> None:
        # Page and pictures come over a good line: they are no part of the meeting.
        self.link.set(CLEAN)
        for someone in (self.ada, self.ben):
            someone.open()
        self.link.set(line)

    def _wait_alive(self) -> None:
        for someone in (self.ada, self.ben):
            someone.begin()
        for someone in (self.ada, self.ben):
            self.until(f"picture and sound at {someone.name}'s", someone.has)

    def _build(self, folder: Path) -> None:
        # What has to be fetched is fetched now: the namespace leads nowhere else.
        footage.clip(CLIP)
        self.link = self._stack.enter_context(Link(self.congestion))
        self.link.set(CLEAN)
        enter(self.link.near)
        super()._build(folder)

    def _far_end(self, folder: Path) -> tuple[str, str]:
        program = folder / "chromium-at-the-far-end"
        program.write_text(f'#!/bin/sh\nexec ip netns exec {self.link.far} {_chromium()} "$@"\n')
        program.chmod(0o755)
        return NEAR, str(program)


def build_page(folder: Path) -> None:
    """Writes the bench's page and its pictures into ``folder``."""
    import av

    node = shutil.which("node")
    assert node is not None, "The bench's page is built with Node.js; see the README."
    subprocess.run([node, "dev/bench.mjs", str(folder)], cwd=JS, check=True, capture_output=True)
    for number, picture in enumerate(footage.frames(CLIP, PICTURES)):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        small = frame.reformat(640, 360, format="yuvj420p")
        with av.open(str(folder / f"picture-{number}.jpg"), "w", format="image2") as target:
            stream = target.add_stream("mjpeg", rate=1)
            stream.width, stream.height, stream.pix_fmt = 640, 360, "yuvj420p"
            target.mux(stream.encode(small))
            target.mux(stream.encode(None))


def _chromium() -> str:
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    raise RuntimeError("No Chromium found; see tests/system-packages.sh.")
