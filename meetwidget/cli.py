"""``meetwidget``: the command for terminals."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence

from meetwidget.bots.bot import Bot
from meetwidget.bots.loading import examples, find, load
from meetwidget.errors import MeetError
from meetwidget.wire.rooms import InvalidRoom, check_room

MEDIA = ("numpy", "av")
"""What the extra ``[media]`` brings."""
USAGE = """\
usage: meetwidget bot FILE --room ROOM [--url URL] [--token TOKEN] [options of the bot]
       meetwidget demo [options]

  bot    has a bot take part in a room until Ctrl-C; FILE is a Python file, or an example:
{examples}
  demo   opens JupyterLab with a meeting and a bot in it

`meetwidget bot FILE --help` tells a bot's options.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command; returns 0, 1 after an error, 2 when the command makes no sense."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    command, rest = (given[0], given[1:]) if given else ("help", [])
    if command == "bot" and rest and rest[0] not in ("-h", "--help"):
        return _bot(rest[0], rest[1:])
    if command == "demo":
        from meetwidget import demo

        return demo.main(rest)
    lines = [f"           examples/{name:<12} {about}" for name, about in examples().items()]
    usage = USAGE.format(examples="\n".join(lines))
    asked = command in ("help", "-h", "--help", "bot")
    (sys.stdout if asked else sys.stderr).write(usage)
    return 0 if asked else 2


def _bot(name: str, arguments: Sequence[str]) -> int:
    logging.basicConfig(level=logging.INFO, format="bot: %(message)s", stream=sys.stderr)
    try:
        bot = load(find(name))
        options = _parser(name, bot).parse_args(arguments)
        bot.options = options
        check_room(options.room)
        bot.run(options.room, url=options.url, token=options.token)
    except ModuleNotFoundError as error:
        if error.name not in MEDIA:
            raise  # the file's own affair: its author needs the traceback
        sys.stderr.write(f"This bot needs {error.name}: run `pip install 'meetwidget[media]'`.\n")
        return 1
    except (MeetError, InvalidRoom) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


def _parser(name: str, bot: Bot) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=f"meetwidget bot {name}", description=bot.about or bot.name, parents=[bot.parser]
    )
    parser.add_argument("--room", required=True, help="the room's name")
    parser.add_argument("--url", help="a Jupyter server with meetwidget, or a hub's service")
    parser.add_argument("--token", help="that server's token")
    return parser


if __name__ == "__main__":
    sys.exit(main())
