"""Keeps a program in a room: joins, and joins again whatever happens, until it is told to stop."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable

from meetwidget.backoff import Backoff
from meetwidget.errors import MeetError
from meetwidget.joining import join
from meetwidget.room import Room

STAYING_AWAY = {"removed", "denied", "signed-out", "not-invited"}
"""Ends after which a bot stays away: somebody who may has sent it out, or not let it in."""

_log = logging.getLogger("meetwidget.bot")


def take_part(
    room: str,
    url: str | None,
    token: str | None,
    serve: Callable[[Room], str],
    name: str | None = None,
) -> None:
    """Runs until Ctrl-C, SIGTERM, or a moderator ends it.

    Args:
        room: its name.
        url: as for :func:`meetwidget.join`.
        token: as for :func:`meetwidget.join`.
        serve: takes part until the room has ended; returns the code of why it did.
        name: what to be called, where the server lets kernels choose.
    """
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, signal.default_int_handler)
    backoff = Backoff()
    try:
        while True:
            try:
                with join(room, url=url, token=token, name=name) as joined:
                    _log.info("%r", joined)
                    backoff.reset()
                    code = serve(joined)
            except MeetError as error:
                if error.code == "no-names" and name is not None:
                    name = None
                    continue
                _log.warning("%s", error)
                code = error.code
            if code in STAYING_AWAY:
                _log.info("sent out of the room; good-bye")
                return
            time.sleep(backoff.next())
    except KeyboardInterrupt:
        return
