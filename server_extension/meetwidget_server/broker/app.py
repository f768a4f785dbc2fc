"""The server extension on a hub with a meeting service: routes only, no relay and no log."""

from __future__ import annotations

import os

from jupyter_server.extension.application import ExtensionApp
from tornado.ioloop import IOLoop

from meetwidget_server.app import SECRET_VARIABLE, URL_VARIABLE, kernel_url
from meetwidget_server.broker.handlers import SERVICE, handlers
from meetwidget_server.broker.service import MeetingService
from meetwidget_server.config import MeetRelay
from meetwidget_server.identity import kernel_secret
from meetwidget_server.routes.jupyter import SECRET


class MeetBrokerApp(ExtensionApp):
    """The server extension where the hub relays; a hub's meeting service must be named."""

    name = "meetwidget"
    load_other_extensions = True
    # Known, so that one configuration file serves both kinds of servers.
    classes = [MeetRelay]  # noqa: RUF012 - traitlets' own convention

    def initialize_settings(self) -> None:
        """Notes the service and the secret of this server's kernels."""
        server = self.serverapp
        assert server is not None
        service = MeetingService.from_environment(os.environ)
        if service is None:
            raise RuntimeError("The hub names no meeting service to this server.")
        secret = kernel_secret(server.cookie_secret)
        self.settings |= {SERVICE: service, SECRET: secret}
        IOLoop.current().add_callback(self._started, secret)

    def initialize_handlers(self) -> None:
        """Mounts the routes below ``<base_url>meet/api/``."""
        self.handlers.extend(handlers())

    def _started(self, secret: str) -> None:
        server = self.serverapp
        assert server is not None
        if not server.sock:
            os.environ[URL_VARIABLE] = kernel_url(server)
            os.environ[SECRET_VARIABLE] = secret

    async def stop_extension(self) -> None:
        """Takes back what kernels would inherit."""
        if os.environ.get(SECRET_VARIABLE) == self.settings[SECRET]:
            os.environ.pop(URL_VARIABLE, None)
            os.environ.pop(SECRET_VARIABLE, None)
