"""The relay inside a Jupyter server: its routes, its log, and what kernels inherit."""

from __future__ import annotations

import asyncio
import gc
import os
import sqlite3
from pathlib import Path
from typing import Any

from jupyter_server.extension.application import ExtensionApp
from tornado.ioloop import IOLoop

from meetwidget_server.config import MeetRelay
from meetwidget_server.identity import kernel_secret
from meetwidget_server.operations.audit import Audit
from meetwidget_server.relay import Relay
from meetwidget_server.routes.base import RELAY
from meetwidget_server.routes.jupyter import SECRET, handlers
from meetwidget_server.store.schema import Claim
from meetwidget_server.store.sqlite import SQLiteStore

URL_VARIABLE = "MEETWIDGET_URL"
"""Environment of kernels: base URL of this server, with a final slash."""
SECRET_VARIABLE = "MEETWIDGET_SECRET"  # noqa: S105 - the variable's name
"""Environment of kernels: what they show instead of a token."""


class MeetWidgetApp(ExtensionApp):
    """The server extension; configured through :class:`.config.MeetRelay`."""

    name = "meetwidget"
    load_other_extensions = True
    classes = [MeetRelay]  # noqa: RUF012 - traitlets' own convention

    relay: Relay
    _claim: Claim | None = None

    def initialize_settings(self) -> None:
        """Opens the log and makes the relay."""
        server = self.serverapp
        assert server is not None
        config = MeetRelay(parent=self)
        loop: asyncio.AbstractEventLoop = IOLoop.current().asyncio_loop  # type: ignore[attr-defined]
        path = self._claim_log(config.database_path(server.root_dir))
        store = SQLiteStore(
            path,
            kept=config.history_kept,
            days=config.history_days,
            files=config.file_limits(),
            loop=loop,
            logger=self.log,
        )
        audit = Audit(server.event_logger, self.log)
        self.relay = Relay(config, store, loop, self.log, audit)
        secret = kernel_secret(server.cookie_secret)
        self.settings |= {RELAY: self.relay, SECRET: secret}
        # Only when the loop runs is the port final and everything loaded.
        IOLoop.current().add_callback(self._started, secret)

    def initialize_handlers(self) -> None:
        """Mounts the routes below ``<base_url>meet/api/``."""
        self.handlers.extend(handlers())

    def _claim_log(self, path: Path) -> Path:
        """Takes the log, or the first free one beside it if another server has it."""
        for number in range(1, 100):
            candidate = path if number == 1 else path.with_stem(f"{path.stem}-{number}")
            try:
                self._claim = Claim(candidate)
            except sqlite3.OperationalError as error:
                if "locked" not in str(error):
                    return path  # not writable: the store says so, and what it means
                continue
            except OSError:
                return path
            if number > 1:
                self.log.warning(
                    "Another Jupyter server serves this directory and has its meeting rooms'"
                    " log open. This one keeps its own in %s.",
                    candidate,
                )
            return candidate
        return path

    def _started(self, secret: str) -> None:
        server = self.serverapp
        assert server is not None
        if not server.sock:
            os.environ[URL_VARIABLE] = kernel_url(server)
            os.environ[SECRET_VARIABLE] = secret
        if self.relay.config.freeze_garbage:
            gc.collect()
            gc.freeze()

    def current_activity(self) -> bool | None:
        """Tells the idle culler about meetings, if the operator wants them to count."""
        return self.relay.busy if self.relay.config.count_meetings_as_activity else None

    async def stop_extension(self) -> None:
        """Sends everybody away for a moment, and writes the log to its end."""
        secret = self.settings[SECRET]
        if os.environ.get(SECRET_VARIABLE) == secret:
            os.environ.pop(URL_VARIABLE, None)
            os.environ.pop(SECRET_VARIABLE, None)
        await self.relay.stop()
        if self._claim is not None:
            self._claim.release()


def kernel_url(server: Any) -> str:
    """Returns the base URL by which a process on this machine reaches the server."""
    host = server.ip or "localhost"
    if host in ("0.0.0.0", "::", "*"):  # noqa: S104 - recognised, not bound
        host = "127.0.0.1" if host != "::" else "::1"
    if ":" in host:
        host = f"[{host}]"
    scheme = "https" if server.certfile else "http"
    return f"{scheme}://{host}:{server.port}{server.base_url}"
