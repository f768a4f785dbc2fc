"""Finds the file that a bot is written in, and the bot in it."""

from __future__ import annotations

import ast
import importlib.util
import sys
from pathlib import Path

from meetwidget.bots.bot import Bot
from meetwidget.errors import MeetError

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
"""The bots that come with meetwidget."""


def examples() -> dict[str, str]:
    """Returns the examples by name, with what the first line of each says."""
    found = {}
    for path in sorted(EXAMPLES.glob("[!_]*.py")):
        words = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        found[path.stem] = words.partition("\n")[0]
    return found


def find(name: str) -> Path:
    """Returns the file of a bot.

    Args:
        name: a path; or ``examples/quiz`` or ``quiz``, from wherever one is.

    Raises:
        MeetError: there is no such file.
    """
    path = Path(name)
    if path.is_file():
        return path
    if path.parent.name in ("", "examples") and path.suffix in ("", ".py"):
        example = EXAMPLES / f"{path.stem}.py"
        if path.stem in examples():
            return example
    raise MeetError(
        f"There is no file {name}; the examples are "
        f"{', '.join(f'examples/{known}' for known in examples())}.",
        "no-such-bot",
    )


def load(path: Path) -> Bot:
    """Runs a file and returns the bot that it makes.

    Raises:
        MeetError: it makes none, or several of which none is called ``bot``.
        Exception: what the file itself raises.
    """
    spec = importlib.util.spec_from_file_location(f"meetwidget_bot_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise MeetError(f"{path} is no Python file: its name must end in .py.", "no-python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses of the file look themselves up there
    sys.path.insert(0, str(path.resolve().parent))  # as Python does for a script
    spec.loader.exec_module(module)
    named = getattr(module, "bot", None)
    if isinstance(named, Bot):
        return named
    bots = [value for value in vars(module).values() if isinstance(value, Bot)]
    if len(bots) != 1:
        what = "no bot" if not bots else f"{len(bots)} bots"
        raise MeetError(
            f'{path} makes {what}; have it say `bot = meetwidget.Bot("…")` once.', "no-bot"
        )
    return bots[0]
