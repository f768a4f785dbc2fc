"""The service as a program: what an admin can set, on the command line or in a file."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from traitlets import Bool, Enum, Float, Int, List, Unicode, default
from traitlets.config import Application, Config, catch_config_error

from meetwidget_server.config import MeetRelay
from meetwidget_server.hub.environment import HubEnvironment, StartError
from meetwidget_server.hub.logs import logging_config
from meetwidget_server.hub.succession import started_by_hub, wait_for_port


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
    log_format = Enum(
        ["text", "json"], "text", help="Whether the log is for people or for programs to read."
    ).tag(config=True)
    audit_file = Unicode(
        help="""File to which joins, moderation, guest links and deletions are written, as JSON
        lines; empty for none."""
    ).tag(config=True)
    bind_url = Unicode(
        help="Where to listen; by default what the hub says ($JUPYTERHUB_SERVICE_URL)."
    ).tag(config=True)
    trusted_downstream = List(
        Unicode(),
        help="Addresses of proxies in front, whose word about a client's address is believed.",
    ).tag(config=True)
    identity_cache = Float(
        10.0, min=1, help="Seconds for which the hub's word on a token is believed."
    ).tag(config=True)
    recheck_interval = Float(
        20.0,
        min=0.1,
        max=30.0,
        help="Seconds after which the hub is asked again about everybody who is in a room.",
    ).tag(config=True)
    tickets_per_minute = Int(
        60,
        min=0,
        help="Tickets that one user, or one guest link, may get in a minute; 0 for no limit.",
    ).tag(config=True)
    guest_tries_per_minute = Int(
        10,
        min=1,
        help="Guest links that open nothing which one address may try in a minute.",
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

    @default("log_level")
    def _default_log_level(self) -> int:
        return logging.INFO

    def get_default_logging_config(self) -> dict[str, Any]:
        """Returns how the log is written, for traitlets."""
        level: Any = self.log_level
        return logging_config("json" if self.log_format == "json" else "text", level)

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
            environment = HubEnvironment.read(os.environ)
            if self.bind_url:
                environment = replace(environment, listen_url=self.bind_url)
            # Before all that takes seconds to load: the hub does not wait for long.
            sockets = (
                wait_for_port(environment.listen)
                if started_by_hub(os.environ)
                else environment.listen()
            )
            asyncio.run(self._serve(environment, sockets))
        except StartError as error:
            self.fail(str(error))

    async def _serve(self, environment: HubEnvironment, sockets: list[socket.socket]) -> None:
        from meetwidget_server.hub.serving import Serving

        serving = Serving(self, environment, sockets)
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, serving.stopping.set)
        await serving.run()

    def fail(self, why: str) -> NoReturn:
        """Ends the program with one sentence."""
        print(f"meetwidget: {why}", file=sys.stderr)  # noqa: T201 - for whoever started it
        sys.exit(1)


def main(argv: list[str] | None = None) -> None:
    """Runs the service until SIGTERM or SIGINT."""
    MeetHub.launch_instance(argv)
