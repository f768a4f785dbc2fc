"""What comes after ``%meet WORD``: names, options, and one line for whoever mistypes them."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field

from meetwidget.errors import MeetError


class Mistyped(MeetError):
    """A line that cannot be understood; the message says how to write it."""

    code = "mistyped"


@dataclass(frozen=True)
class Word:
    """A word of ``%meet`` and what may follow it."""

    name: str
    usage: str
    """As in the help: ``join ROOM [--as NAME]``."""
    about: str
    example: str = ""
    switches: frozenset[str] = frozenset()
    """Options without a value: ``--mic``."""
    values: Mapping[str, str] = field(default_factory=dict)
    """Options with one, and what the help calls it: ``--as`` and ``NAME``."""

    @property
    def alone(self) -> bool:
        """Whether nothing may follow it."""
        return self.usage == self.name

    @property
    def options(self) -> list[str]:
        """All options, sorted."""
        return sorted({*self.switches, *self.values})

    def mistyped(self, what: str) -> Mistyped:
        """Returns the error for a line that is not as ``usage`` says."""
        return Mistyped(f"{what} For example: %meet {self.example or self.usage}")


@dataclass
class Line:
    """The words after the command, in order, and its options."""

    words: list[str] = field(default_factory=list)
    switches: set[str] = field(default_factory=set)
    values: dict[str, str] = field(default_factory=dict)


def parse(text: str, word: Word) -> Line:
    """Takes a line apart; quotes keep words together as in a shell.

    Raises:
        Mistyped: an unknown option, one without its value, or a quote that does not end.
    """
    lexer = shlex.shlex(text, posix=True, punctuation_chars=False)
    lexer.whitespace_split = True
    lexer.commenters = ""
    lexer.escape = ""  # paths of Windows
    try:
        parts = list(lexer)
    except ValueError:
        raise word.mistyped("A quote does not end.") from None
    line = Line()
    while parts:
        part = parts.pop(0)
        name, equals, value = part.partition("=")
        if part in word.switches:
            line.switches.add(part)
        elif name in word.values:
            if not equals and (not parts or parts[0].startswith("--")):
                raise word.mistyped(f"{name} needs a value.")
            line.values[name] = value if equals else parts.pop(0)
        elif len(part) > 1 and part.startswith("-") and not part[1].isdigit():
            raise word.mistyped(_unknown(part, word))
        else:
            line.words.append(part)
    return line


def _unknown(option: str, word: Word) -> str:
    near = difflib.get_close_matches(option, word.options, 1, 0.5)
    if near:
        return f"`%meet {word.name}` has no {option}; did you mean {near[0]}?"
    if word.options:
        return f"`%meet {word.name}` has no {option}; there are {', '.join(word.options)}."
    return f"`%meet {word.name}` has no options."
