"""Patterns that say which rooms a rule is for.

At most one wildcard to a segment, so that a name matches in one way only: which group a
capture names must never depend on how a matcher tries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from meetwidget.wire.rooms import MAX_ROOM_NAME

_WILD = re.compile(r"\*|\{([^{}]*)\}")
_LITERAL = re.compile(r"[A-Za-z0-9_.-]*")
_CAPTURE = re.compile(r"[a-z][a-z0-9_]*")
_ANY = "[A-Za-z0-9_.-]+"


class BadPattern(ValueError):
    """A pattern that cannot be read; the message says what to change."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """``course-101/*``, ``{course}/*``, ``home/{user}``.

    ``*`` and ``{name}`` stand for one or more characters of one segment; ``/*`` at the end
    stands for everything below, however deep, so that a room inside a room never falls out
    of the rule for the outer one.
    """

    text: str
    captures: tuple[str, ...]
    regex: re.Pattern[str]

    def match(self, room: str) -> dict[str, str] | None:
        """Returns the captures if this pattern is for ``room``."""
        found = self.regex.fullmatch(room)
        return None if found is None else found.groupdict()


def parse_pattern(text: str) -> Pattern:
    """Reads a pattern.

    Raises:
        BadPattern: with a sentence that says what to change.
    """
    if not text or len(text) > MAX_ROOM_NAME:
        raise BadPattern(f'"{text[:40]}" is no pattern: write 1 to {MAX_ROOM_NAME} characters.')
    captures: list[str] = []
    segments = text.split("/")
    parts = []
    for number, segment in enumerate(segments):
        if segment == "*" and number == len(segments) - 1:
            parts.append(f"{_ANY}(?:/{_ANY})*")
        else:
            parts.append(_segment(text, segment, captures))
    return Pattern(text, tuple(captures), re.compile("/".join(parts)))


def _segment(text: str, segment: str, captures: list[str]) -> str:
    wild = list(_WILD.finditer(segment))
    if len(wild) > 1:
        raise BadPattern(f'"{text}" has more than one * or {{name}} between two slashes: keep one.')
    before, after = segment, ""
    middle = ""
    if wild:
        before, after = segment[: wild[0].start()], segment[wild[0].end() :]
        name = wild[0].group(1)
        middle = _ANY
        if name is not None:
            if not _CAPTURE.fullmatch(name):
                raise BadPattern(
                    f'"{text}" has {{{name}}}: name it with small letters, for example {{course}}.'
                )
            if name in captures:
                raise BadPattern(f'"{text}" has {{{name}}} twice: give one another name.')
            captures.append(name)
            middle = f"(?P<{name}>{_ANY})"
    if not segment or not (_LITERAL.fullmatch(before) and _LITERAL.fullmatch(after)):
        raise BadPattern(
            f'"{text}" can match no room: use letters, digits, "-", "_", ".", with "/" between '
            'parts, "*" for anything and {name} for a part that you use below.'
        )
    return re.escape(before) + middle + re.escape(after)
