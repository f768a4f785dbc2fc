"""A real Jupyter server as a process of its own, so that tests can kill it and start it again."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

Program = Literal["jupyterlab", "notebook", "jupyter_server"]
READY_TIMEOUT_S = 60.0

# A cookie names the person, so that two browsers are two people with names that tests can read.
_CONFIG = """
from jupyter_server.auth.identity import PasswordIdentityProvider, User

class NamedPeople(PasswordIdentityProvider):
    async def _named(self, handler):
        user = super().get_user(handler)
        user = await user if hasattr(user, "__await__") else user
        name = handler.get_cookie("test-person")
        if user is None or not name:
            return user
        parts = name.split("-")
        return User(name, " ".join(p.capitalize() for p in parts), None,
                    "".join(p[0] for p in parts[:2]).upper(), None, None)

    def get_user(self, handler):
        return self._named(handler)

c.ServerApp.identity_provider_class = NamedPeople
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.ServerApp.ip = "127.0.0.1"
c.ServerApp.port_retries = 0
c.LabApp.expose_app_in_browser = True
c.JupyterNotebookApp.expose_app_in_browser = True
"""


def free_port() -> int:
    """Returns a port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class JupyterProcess:
    """One Jupyter server: same port, token, folders and people after every restart."""

    def __init__(
        self,
        folder: Path,
        program: Program = "jupyterlab",
        base_url: str = "/",
        config: str = "",
    ) -> None:
        self.folder = folder
        self.program = program
        self.host = "127.0.0.1"
        """How people reach it; the server itself listens on loopback only."""
        self.port = free_port()
        self.token = "test-token-0123456789"
        self.base_url = base_url
        self.root = folder / "work"
        self.log = folder / "server.log"
        self._process: subprocess.Popen[bytes] | None = None
        for name in ("work", "config", "data", "runtime", "ipython"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "config" / "jupyter_server_config.py").write_text(_CONFIG + config)
        settings = folder / "config" / "lab" / "user-settings" / "@jupyterlab"
        quiet = settings / "apputils-extension" / "notification.jupyterlab-settings"
        quiet.parent.mkdir(parents=True, exist_ok=True)
        quiet.write_text('{"fetchNews": "false", "checkForUpdates": false}')

    @property
    def url(self) -> str:
        """Base URL with a final slash."""
        return f"http://{self.host}:{self.port}{self.base_url}"

    @property
    def environment(self) -> dict[str, str]:
        """The server's environment: nothing of the developer's own Jupyter leaks in."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "MEETWIDGET"))}
        return {
            **kept,
            "JUPYTER_CONFIG_DIR": str(self.folder / "config"),
            "JUPYTER_DATA_DIR": str(self.folder / "data"),
            "JUPYTER_RUNTIME_DIR": str(self.folder / "runtime"),
            "IPYTHONDIR": str(self.folder / "ipython"),
            "JUPYTER_PREFER_ENV_PATH": "1",
        }

    @property
    def pid(self) -> int:
        """The server's process id."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> Self:
        """Starts the server and returns when it answers."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", self.program),
                    f"--ServerApp.port={self.port}",
                    f"--ServerApp.base_url={self.base_url}",
                    f"--IdentityProvider.token={self.token}",
                    f"--ServerApp.root_dir={self.root}",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self.environment,
                start_new_session=True,
            )
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(f"{self.url}meet/api/health", timeout=5):
                    return self
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.05)
        self.kill()
        raise RuntimeError(f"The server did not start:\n{self.log.read_text()[-4000:]}")

    def kill(self) -> None:
        """Ends the server at once, as a crash would, with everything it started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Asks the server to shut down and waits until it has."""
        self._end(signal.SIGTERM)

    def _end(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            process.send_signal(how)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
