"""Tab after ``%meet``: words, options, rooms, people, paths and Python names."""

from __future__ import annotations

import glob
import os
from collections.abc import Iterable
from typing import Any

from IPython.core.completer import (
    CompletionContext,
    Matcher,
    SimpleCompletion,
    SimpleMatcherResult,
    context_matcher,
    provisionalcompleter,
)

from meetwidget.commands import Commands, visible_rooms
from meetwidget.errors import MeetError
from meetwidget.words import WORDS


def matcher(commands: Commands, shell: Any) -> Matcher:
    """Returns what IPython is to ask first, in a line that begins with ``%meet``."""

    @context_matcher()  # type: ignore[untyped-decorator]
    def complete_meet(context: CompletionContext) -> SimpleMatcherResult:
        line = context.text_until_cursor.lstrip()
        command, space, rest = line.lstrip("%").partition(" ")
        if not space or command != "meet" or line == f"{command} {rest}":
            return {"completions": []}
        typed, found = _found(commands, shell, rest)
        return {
            "completions": [SimpleCompletion(text=one) for one in found],
            "matched_fragment": typed,
            "suppress": True,
            "ordered": True,
        }

    return complete_meet  # type: ignore[no-any-return]


def _found(commands: Commands, shell: Any, rest: str) -> tuple[str, list[str]]:
    """The end of the line that is to be replaced, and by what."""
    words = rest.split(" ")
    typed, earlier = words[-1], [word for word in words[:-1] if word]
    if earlier[:1] == ["share"]:
        expression = rest.partition("share")[2].lstrip()
        return _python(shell, expression)
    found = _candidates(commands, earlier, typed)
    return typed, [one for one in found if one.startswith(typed)]


def _python(shell: Any, expression: str) -> tuple[str, list[str]]:
    with provisionalcompleter(), shell.builtin_trap:
        found = list(shell.Completer.completions(expression, len(expression)))
    start = max((one.start for one in found), default=len(expression))
    return expression[start:], [one.text for one in found if one.start == start]


def _candidates(commands: Commands, earlier: list[str], typed: str) -> list[str]:
    if not earlier:
        return list(WORDS)
    word = WORDS.get(earlier[0])
    if word is None:
        return []
    if typed.startswith("-"):
        return [option for option in word.options if option not in earlier]
    match word.name:
        case "join":
            return _rooms()
        case "leave":
            return commands.presence.names
        case "help":
            return list(WORDS)
        case "hand":
            return ["up", "down"]
        case "save":
            return _paths(typed)
        case "say" if typed.startswith("@"):
            return _people(commands)
    return []


def _rooms() -> list[str]:
    try:
        return sorted(room.name for room in visible_rooms())
    except MeetError:
        return []


def _people(commands: Commands) -> list[str]:
    if not commands.presence.names:
        return []
    rooms = commands.presence.current().parts()
    others = (who for room in rooms[:1] for who in room.people if not who.you)
    return sorted({f"@{who.display_name}" for who in others})


def _paths(typed: str) -> list[str]:
    found: Iterable[str] = glob.glob(f"{glob.escape(typed)}*")
    return sorted(path + os.sep if os.path.isdir(path) else path for path in found)
