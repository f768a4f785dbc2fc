"""The bot as a process: joins, and joins again whatever happens, until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from meetwidget.bot.participant import Bot
from meetwidget.bot.picture import FPS
from meetwidget.bots.running import take_part
from meetwidget.wire.rooms import check_room


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
    take_part(
        options.room,
        options.url,
        options.token,
        lambda room: Bot(room, options.fps, silent=options.silent).serve(),
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
