"""The service as a program: configuration, a port that is open at once, and an orderly end.

The hub gives up on a service that does not answer soon after it was started, so the port is
bound before anything else is done; until the rooms are open, health says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import signal
import socket
import sqlite3
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NoReturn

from jupyterhub.services.auth import HubOAuth
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application as WebApplication
from traitlets import Bool, Float, Int, List, Unicode
from traitlets.config import Application, Config, catch_config_error

from meetwidget_server.config import MeetRelay
from meetwidget_server.hub import api, pages
from meetwidget_server.hub.activity import Activity
from meetwidget_server.hub.cookies import cookie_secret
from meetwidget_server.hub.environment import HubEnvironment, StartError
from meetwidget_server.hub.identity import Hub, HubAway
from meetwidget_server.hub.limits import Allowances
from meetwidget_server.hub.policy_file import PolicyFile
from meetwidget_server.hub.recheck import Recheck
from meetwidget_server.hub.service import SERVICE, Service
from meetwidget_server.policy import Policy, PolicyError
from meetwidget_server.policy.guests import GuestRules
from meetwidget_server.relay import Relay
from meetwidget_server.store.schema import Claim
from meetwidget_server.store.sqlite import SQLiteStore

DATABASE = "meetwidget.sqlite"
"""Where the rooms are kept by default, in the directory that the service is started in."""


class MeetHub(Application):
    """Meeting rooms for everybody on a JupyterHub, as a service of the hub."""

    name = "meetwidget-hub"
    description = __doc__ or ""
    classes = [MeetRelay]  # noqa: RUF012 - traitlets' own convention
    aliases = {"config": "MeetHub.config_file", "policy": "MeetHub.policy_file"}  # noqa: RUF012

    config_file = Unicode(
        help="A configuration file in Python, with c.MeetHub and c.MeetRelay."
    ).tag(config=True)
    policy_file = Unicode(
        help="""The file (TOML) that says who may create, see, join and moderate which rooms. By
        default everybody may open rooms, and moderates those they opened."""
    ).tag(config=True)
    allow_guests = Bool(
        False,
        help="""Whether people without an account may come in by a guest link, in the rooms whose
        rule in the policy allows it too.""",
    ).tag(config=True)
    bind_url = Unicode(
        help="Where to listen; by default what the hub says ($JUPYTERHUB_SERVICE_URL)."
    ).tag(config=True)
    trusted_downstream = List(
        Unicode(),
        help="Addresses of proxies in front, whose word about a client's address is believed.",
    ).tag(config=True)
    identity_cache = Float(
        10.0, min=0.1, help="Seconds for which the hub's word on a token is believed."
    ).tag(config=True)
    recheck_interval = Float(
        20.0,
        min=0.1,
        max=30.0,
        help="Seconds after which the hub is asked again about everybody who is in a room.",
    ).tag(config=True)
    tickets_per_minute = Int(
        60, min=0, help="Tickets one user may get in a minute; 0 for no limit."
    ).tag(config=True)
    guest_tries_per_minute = Int(
        10,
        min=1,
        help="Tries to come in by a guest link, from one address and by one link, in a minute.",
    ).tag(config=True)
    guest_link_hours = Float(
        24.0, min=0.02, help="Hours for which a guest link may hold at most."
    ).tag(config=True)
    guest_links_per_room = Int(
        20, min=1, help="Guest links of one room that may hold at once."
    ).tag(config=True)
    max_rooms_per_user = Int(
        100, min=0, help="Rooms one user may have opened; 0 for no limit."
    ).tag(config=True)
    drain_spread = Float(
        2.0,
        min=0,
        help="""Seconds over which those who are in come back after a restart, so that they do not
        all come in one instant.""",
    ).tag(config=True)
    drain_timeout = Float(
        8.0, min=0, help="Seconds a stopping service waits for its clients to hang up."
    ).tag(config=True)

    service: Service

    # -------------------------------------------------------------------- start

    @catch_config_error
    def initialize(self, argv: list[str] | None = None) -> None:
        """Reads command line and configuration file; the command line wins."""
        self.parse_command_line(argv)
        if self.config_file:
            from_command_line = Config(self.cli_config)
            path = Path(self.config_file)
            if not path.is_file():
                self.fail(f"There is no configuration file {path}: correct --config.")
            self.load_config_file(path.name, path=str(path.absolute().parent))
            self.update_config(from_command_line)

    def start(self) -> None:
        """Serves until told to stop."""
        try:
            asyncio.run(self.serve())
        except StartError as error:
            self.fail(str(error))

    def fail(self, why: str) -> NoReturn:
        """Ends the program with one sentence."""
        print(f"meetwidget: {why}", file=sys.stderr)  # noqa: T201 - for whoever started it
        sys.exit(1)

    async def serve(self) -> None:
        """Binds, opens the rooms, serves, and ends in order.

        Raises:
            StartError: something is missing or taken.
        """
        loop = asyncio.get_running_loop()
        stopping = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopping.set)
        environment = HubEnvironment.read(os.environ)
        config = MeetRelay(parent=self)
        database = _database(config)
        secret = cookie_secret(database)
        self.service = self._service(environment, loop, secret)
        settings: dict[str, Any] = {SERVICE: self.service}
        server = HTTPServer(
            WebApplication(
                [*self._routes(environment.prefix)],
                default_handler_class=api.NotFound,
                cookie_secret=secret,
                **settings,
            ),
            xheaders=True,
            trusted_downstream=list(self.trusted_downstream),
        )
        server.add_sockets(self._bind(environment))
        try:
            with self._claim(database):
                store = SQLiteStore(database, kept=config.history_kept, loop=loop, logger=self.log)
                await self._open(config, store, loop)
                tasks = [asyncio.create_task(task) for task in self._tasks()]
                await stopping.wait()
                for task in tasks:
                    task.cancel()
                await self._drain()
        finally:
            server.stop()
            await server.close_all_connections()

    def _service(
        self, environment: HubEnvironment, loop: asyncio.AbstractEventLoop, secret: bytes
    ) -> Service:
        auth = HubOAuth(
            parent=self,
            base_url=environment.prefix,
            cache_max_age=max(1, round(self.identity_cache)),
            allow_token_in_url=False,
            allow_websocket_cookie_auth=False,
        )
        if not auth.oauth_client_id:
            auth.oauth_client_id = f"service-{environment.name}"
        return Service(
            environment,
            Hub(auth, environment.name),
            self.log,
            Allowances(self.tickets_per_minute, loop.time),
            Allowances(self.guest_tries_per_minute, loop.time),
            self.max_rooms_per_user,
            GuestRules(round(self.guest_link_hours * 3600), self.guest_links_per_room),
            secret,
        )

    def _routes(self, prefix: str) -> list[Any]:
        return [*api.handlers(prefix), *pages.handlers(prefix)]

    def _bind(self, environment: HubEnvironment) -> list[socket.socket]:
        if self.bind_url:
            environment = HubEnvironment(environment.name, environment.prefix, self.bind_url)
        host, port = environment.address
        try:
            return bind_sockets(port, host)
        except OSError as error:
            raise StartError(
                f"Port {port} on {host} cannot be opened ({error.strerror or error}):"
                " stop what has it, or give the service another url."
            ) from None

    @contextlib.contextmanager
    def _claim(self, database: Path) -> Any:
        try:
            claim = Claim(database)
        except (sqlite3.Error, OSError) as error:
            if "locked" in str(error):
                raise StartError(
                    f"Another meeting service has the rooms in {database} open: stop it, or set"
                    " MeetRelay.database to another file."
                ) from None
            raise StartError(
                f"The rooms cannot be kept in {database} ({error}): make its folder writable, or"
                " set MeetRelay.database to another file."
            ) from None
        try:
            yield
        finally:
            claim.release()

    async def _open(
        self, config: MeetRelay, store: SQLiteStore, loop: asyncio.AbstractEventLoop
    ) -> None:
        try:
            self.service.policy = Policy.load(
                self.policy_file or None, allow_guests=self.allow_guests
            )
        except PolicyError as error:
            await store.close()
            raise StartError(str(error)) from None
        self.service.relay = Relay(config, store, loop, self.log)
        await self._greet_hub()
        if config.freeze_garbage:
            gc.collect()
            gc.freeze()
        self.service.state = "ok"
        self.log.info(
            "Meetings are open at %s", self.service.environment.public_url or self._own_url()
        )

    def _tasks(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on beside the meetings."""
        tasks = [Recheck(self.service, self.recheck_interval).run()]
        if self.service.relay.config.count_meetings_as_activity:
            tasks.append(Activity(self.service).run())
        if self.policy_file:
            tasks.append(PolicyFile(self.service, Path(self.policy_file)).run())
        return tasks

    def _own_url(self) -> str:
        environment = self.service.environment
        return f"{(self.bind_url or environment.listen_url).rstrip('/')}{environment.prefix}"

    async def _greet_hub(self) -> None:
        """Says now what would otherwise come to light with the first visitor."""
        auth = self.service.hub.auth
        try:
            known = await self.service.hub.model(auth.api_token, fresh=True)
        except HubAway:
            self.log.warning(
                "The hub does not answer at %s: nobody can come in before it does. If it is up,"
                " correct JUPYTERHUB_API_URL.",
                auth.api_url,
            )
        else:
            if known is None:
                self.log.error(
                    "The hub at %s does not know this service's token: give the service the same"
                    " api_token as its entry in c.JupyterHub.services.",
                    auth.api_url,
                )

    # ---------------------------------------------------------------------- end

    async def _drain(self) -> None:
        """Sends everybody away for a moment, each for another one, and waits until they are gone."""
        self.service.state = "draining"
        self.log.info("Meetings stop; whoever is in comes back when the service does")
        await self.service.relay.stop(spread=self.drain_spread, grace=self.drain_timeout)


def _database(config: MeetRelay) -> Path:
    return Path(config.database or DATABASE).expanduser().absolute()


def main(argv: list[str] | None = None) -> None:
    """Runs the service until SIGTERM or SIGINT."""
    MeetHub.launch_instance(argv)
