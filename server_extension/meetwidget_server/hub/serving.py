"""The service's life: a port that is open at once, rooms, what goes on beside them, an orderly end.

The hub gives up on a service that does not answer soon after it was started, so the port is
bound before anything else is done; until the rooms are open, health says so.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import os
import socket
import sqlite3
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyterhub.services.auth import HubOAuth
from tornado.httpserver import HTTPServer
from tornado.web import Application

from meetwidget_server.config import MeetRelay
from meetwidget_server.hub import api, data, guests, pages
from meetwidget_server.hub.activity import Activity
from meetwidget_server.hub.cookies import cookie_secret
from meetwidget_server.hub.environment import HubEnvironment, StartError
from meetwidget_server.hub.identity import Hub, HubAway
from meetwidget_server.hub.limits import Allowances
from meetwidget_server.hub.policy_file import PolicyFile
from meetwidget_server.hub.recheck import Recheck
from meetwidget_server.hub.service import SERVICE, Service
from meetwidget_server.hub.succession import MakeWay, started_by_hub
from meetwidget_server.operations.audit import Audit, AuditFile
from meetwidget_server.policy import Policy, PolicyError
from meetwidget_server.policy.guests import GuestRules
from meetwidget_server.relay import Relay
from meetwidget_server.store.schema import Claim
from meetwidget_server.store.sqlite import SQLiteStore

if TYPE_CHECKING:
    from meetwidget_server.hub.app import MeetHub

DATABASE = "meetwidget.sqlite"
"""Where the rooms are kept by default, in the directory that the service is started in."""

MAX_REQUEST_BYTES = 64 * 1024
"""Largest body of a call; the largest there is, a ticket's or a link's, has some hundred bytes."""


class Serving:
    """One run of the service."""

    service: Service

    def __init__(
        self, options: MeetHub, environment: HubEnvironment, sockets: list[socket.socket]
    ) -> None:
        """Prepares a run.

        Args:
            options: what the admin has set.
            environment: what the hub has told.
            sockets: the open port; closed at the end.
        """
        self.options = options
        self.environment = environment
        self._sockets = sockets
        self.log = options.log
        self.stopping = asyncio.Event()
        """Ends the service in order when it is set."""

    async def run(self) -> None:
        """Binds, opens the rooms, serves until :attr:`stopping` is set, and ends in order.

        Raises:
            StartError: something is missing or taken.
        """
        loop = asyncio.get_running_loop()
        environment = self.environment
        config = MeetRelay(parent=self.options)
        database = _database(config)
        secret = cookie_secret(database)
        self.service = self._service(environment, loop, secret)
        settings: dict[str, Any] = {SERVICE: self.service}
        server = HTTPServer(
            Application(
                [*self._routes(environment.prefix)],
                default_handler_class=api.NotFound,
                cookie_secret=secret,
                **settings,
            ),
            xheaders=True,
            max_body_size=MAX_REQUEST_BYTES,
            trusted_downstream=list(self.options.trusted_downstream),
        )
        server.add_sockets(self._sockets)
        try:
            with self._claim(database), self._audit() as audit:
                store = SQLiteStore(
                    database,
                    kept=config.history_kept,
                    days=config.history_days,
                    files=config.file_limits(),
                    loop=loop,
                    logger=self.log,
                )
                await self._open(config, store, loop, audit)
                tasks = [asyncio.create_task(task) for task in self._tasks()]
                await self.stopping.wait()
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
            parent=self.options,
            base_url=environment.prefix,
            cache_max_age=max(1, round(self.options.identity_cache)),
            allow_token_in_url=False,
            allow_websocket_cookie_auth=False,
        )
        if not auth.oauth_client_id:
            auth.oauth_client_id = f"service-{environment.name}"
        return Service(
            environment,
            Hub(auth, environment.name),
            self.log,
            Allowances(self.options.tickets_per_minute, loop.time),
            Allowances(self.options.guest_tries_per_minute, loop.time),
            self.options.max_rooms_per_user,
            GuestRules(
                round(self.options.guest_link_hours * 3600), self.options.guest_links_per_room
            ),
            secret,
        )

    def _routes(self, prefix: str) -> list[Any]:
        return [
            *guests.handlers(prefix),
            *api.handlers(prefix),
            *data.handlers(prefix),
            *pages.handlers(prefix),
        ]

    @contextlib.contextmanager
    def _claim(self, database: Path) -> Iterator[None]:
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

    @contextlib.contextmanager
    def _audit(self) -> Iterator[Audit | None]:
        if not self.options.audit_file:
            yield None
            return
        try:
            file = AuditFile(Path(self.options.audit_file))
        except OSError as error:
            raise StartError(
                f"The audit log {self.options.audit_file} cannot be written ({error.strerror}): make its"
                " folder writable, or set MeetHub.audit_file to another file."
            ) from None
        try:
            yield Audit(file.events, self.log)
        finally:
            file.close()

    async def _open(
        self,
        config: MeetRelay,
        store: SQLiteStore,
        loop: asyncio.AbstractEventLoop,
        audit: Audit | None,
    ) -> None:
        try:
            self.service.policy = Policy.load(
                self.options.policy_file or None, allow_guests=self.options.allow_guests
            )
        except PolicyError as error:
            await store.close()
            raise StartError(str(error)) from None
        self.service.relay = Relay(config, store, loop, self.log, audit)
        if config.freeze_garbage:
            gc.collect()
            gc.freeze()
        self.service.state = "ok"
        self.log.info(
            "Meetings are open at %s", self.service.environment.public_url or self._own_url()
        )

    def _tasks(self) -> list[Coroutine[Any, Any, None]]:
        """What goes on beside the meetings."""
        tasks = [self._greet_hub(), Recheck(self.service, self.options.recheck_interval).run()]
        if self.service.relay.config.count_meetings_as_activity:
            tasks.append(Activity(self.service).run())
        if started_by_hub(os.environ):
            tasks.append(MakeWay(self.service.hub, self.stopping, self.log).run())
        if self.options.policy_file:
            tasks.append(PolicyFile(self.service, Path(self.options.policy_file)).run())
        return tasks

    def _own_url(self) -> str:
        environment = self.service.environment
        return f"{environment.listen_url.rstrip('/')}{environment.prefix}"

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
        await self.service.relay.stop(
            spread=self.options.drain_spread, grace=self.options.drain_timeout
        )


def _database(config: MeetRelay) -> Path:
    return Path(config.database or DATABASE).expanduser().absolute()
