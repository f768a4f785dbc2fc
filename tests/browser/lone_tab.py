"""A tab that no test driver holds: it can be hidden, and is then slowed down as anybody's.

Playwright keeps every page "in front" for as long as it is attached, so this one is told what to do
over the browser's own debugging socket, one expression at a time.
"""

from __future__ import annotations

import json
import subprocess
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import websocket

from tests.browser.person import PATIENCE_MS, chromium

_FLAGS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--no-first-run",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--remote-debugging-port=0",
]


class LoneTab:
    """A browser with one tab, used as a context manager.

    Args:
        folder: for the browser's profile.
        microphone: WAV file that the fake microphone plays.
    """

    def __init__(self, folder: Path, microphone: Path) -> None:
        self._folder = folder
        self._browser = subprocess.Popen(
            [
                chromium(),
                *_FLAGS,
                f"--user-data-dir={folder}",
                f"--use-file-for-fake-audio-capture={microphone}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._sent = 0

    def __enter__(self) -> Self:
        known = self._folder / "DevToolsActivePort"
        self._until("the browser to start", lambda: known.exists() and known.read_text())
        self._port = known.read_text().split()[0]
        (tab,) = [one for one in self._ask("json") if one["type"] == "page"]
        self._socket = websocket.create_connection(
            tab["webSocketDebuggerUrl"], suppress_origin=True, timeout=PATIENCE_MS / 1000
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._browser.kill()
        self._browser.wait()
        self._socket.close()

    def open(self, url: str, cookies: dict[str, str]) -> None:
        """Goes to ``url`` with ``cookies``."""
        for name, value in cookies.items():
            self._send("Network.setCookie", name=name, value=value, url=url)
        self._send("Page.navigate", url=url)

    def look(self, expression: str) -> Any:
        """What a JavaScript expression gives, as if a person had clicked for it."""
        answer = self._send(
            "Runtime.evaluate",
            expression=expression,
            returnByValue=True,
            awaitPromise=True,
            userGesture=True,
        )
        return answer["result"].get("value")

    def waits_for(self, expression: str) -> None:
        """Looks again and again until the expression gives something true."""
        self._until(expression, lambda: self.look(expression))

    def click(self, test_id: str) -> None:
        """Clicks what carries the given test id, once it is there."""
        found = f"document.querySelector('[data-testid={test_id}]')"
        self.waits_for(f"{found} !== null")
        self.look(f"{found}.click()")

    def hide(self) -> None:
        """Opens another tab in front of this one."""
        self._ask("json/new?about:blank", method="PUT")
        self.waits_for("document.visibilityState === 'hidden'")

    def _until(self, what: str, look: Any) -> None:
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while not look():
            assert self._browser.poll() is None, "the browser ended"
            assert time.monotonic() < deadline, f"waited in vain for {what}"
            time.sleep(0.1)

    def _ask(self, path: str, method: str = "GET") -> Any:
        request = urllib.request.Request(f"http://127.0.0.1:{self._port}/{path}", method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE_MS / 1000) as answer:
            return json.load(answer)

    def _send(self, method: str, **params: Any) -> Any:
        self._sent += 1
        self._socket.send(json.dumps({"id": self._sent, "method": method, "params": params}))
        while True:
            answer = json.loads(self._socket.recv())
            if answer.get("id") == self._sent:
                return answer["result"]
