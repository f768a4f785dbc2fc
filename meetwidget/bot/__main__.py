"""The bot as a process: joins, and joins again whatever happens, until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import time
from collections.abc import Sequence

from meetwidget.backoff import Backoff
from meetwidget.bot.participant import Bot
from meetwidget.bot.picture import FPS
from meetwidget.errors import MeetError
from meetwidget.joining import join
from meetwidget.wire.rooms import check_room

_STOPS = {"removed", "denied", "signed-out", "not-invited"}
"""Ends after which the bot stays away: somebody who may has sent it out, or not let it in."""
_log = logging.getLogger("meetwidget.bot")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs until Ctrl-C, SIGTERM or a moderator ends it; returns 0."""
    parser = argparse.ArgumentParser(prog="python -m meetwidget.bot", description=__doc__)
    parser.add_argument("--room", default="demo", type=check_room)
    parser.add_argument("--url", help="a Jupyter server with meetwidget, or a hub's service")
    parser.add_argument("--token", help="that server's token")
    parser.add_argument("--fps", type=float, default=FPS, help="pictures a second")
    parser.add_argument("--silent", action="store_true", help="plays no tune")
    options = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="bot: %(message)s", stream=sys.stderr)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    backoff = Backoff()
    try:
        while True:
            try:
                with join(options.room, url=options.url, token=options.token) as room:
                    _log.info("%r", room)
                    backoff.reset()
                    code = Bot(room, options.fps, silent=options.silent).serve()
                if code in _STOPS:
                    _log.info("sent out of the room; good-bye")
                    return 0
            except MeetError as error:
                _log.warning("%s", error)
                if error.code in _STOPS:
                    return 0
            time.sleep(backoff.next())
    except KeyboardInterrupt:
        return 0


if __name__ == "__main__":
    sys.exit(main())
