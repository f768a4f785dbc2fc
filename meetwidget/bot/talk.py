"""What the bot says. No I/O: words in, words out."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Deed = Literal["hand", "cheer", "quiet", "play"]

HELP = (
    "You can ask me for the **time**, **who** is here, or a sum such as `6 * 7`. Say **cheer** and I "
    "do, **quiet** and the music stops, **play** and it comes back, **hand** and mine goes up. "
    "All of this is a few lines of Python: `room = meetwidget.join('demo')`."
)
LONGEST_SUM = 60
LARGEST_POWER = 64

_SPOKEN_TO = re.compile(r"\b(bot|robot)\b", re.IGNORECASE)
_SUM = re.compile(r"[-+(]*\d[\d\s.()+*/%^-]*")
# A minus without a space is more often a date or a telephone number.
_CALCULATION = re.compile(r"[\d)]\s*[+*/%]|[\d)]\s+-\s*")

_OPERATORS: dict[type[ast.AST], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


@dataclass(frozen=True)
class Answer:
    """What to say, and what to do besides."""

    text: str
    deed: Deed | None = None


def greeting(name: str) -> str:
    """Returns the words for somebody who has just come."""
    return (
        f"Hello {name}, good to see you! I am a bot: a Python process in this room, with a picture and "
        "a tune of its own. Ask me something, or say **help**."
    )


def spoken_to(body: str, alone_with_bot: bool) -> bool:
    """Whether a message is for the bot: it is named, or nobody else is there."""
    return alone_with_bot or _SPOKEN_TO.search(body) is not None


def answer(body: str, name: str, now: datetime, people: Sequence[str]) -> Answer:
    """Returns the answer to a message that is for the bot.

    Args:
        body: what was said.
        name: who said it.
        now: the time to tell.
        people: everybody in the room, by display name.
    """
    words = set(re.findall(r"[a-z']+", body.lower()))
    result = solve(body)
    if result is not None:
        return Answer(f"That makes **{result}**.")
    for keys, reply in _replies(name, now, people):
        if words & keys:
            return reply
    if "?" in body:
        return Answer(
            f"I do not know, {name}, I am only a small bot. Say **help** for what I can do."
        )
    return Answer(f"I heard you, {name}. Say **help** for what I can do.")


def _replies(name: str, now: datetime, people: Sequence[str]) -> Sequence[tuple[set[str], Answer]]:
    others = ", ".join(people)
    return (
        ({"help", "can", "commands"}, Answer(HELP)),
        (
            {"time", "clock", "date", "day"},
            Answer(f"It is {now:%H:%M} on {now:%A}, {now:%d %B %Y}."),
        ),
        ({"who", "people", "participants"}, Answer(f"{len(people)} in the room: {others}.")),
        ({"quiet", "silence", "mute", "stop", "shush"}, Answer("I am quiet now.", "quiet")),
        ({"play", "music", "sing", "tune", "unmute"}, Answer("Here is my tune.", "play")),
        ({"hand"}, Answer("I have a question, too!", "hand")),
        ({"cheer", "party", "celebrate", "hooray", "congratulations"}, Answer("Hooray!", "cheer")),
        ({"thanks", "thank", "thx"}, Answer(f"You are welcome, {name}.")),
        ({"bye", "goodbye"}, Answer(f"See you, {name}!")),
        ({"hello", "hi", "hey", "morning", "hallo", "moin"}, Answer(f"Hello {name}! How are you?")),
        ({"fine", "good", "great", "well"}, Answer("I am glad to hear that.")),
        ({"joke", "funny"}, Answer("Why did the kernel die? It could not find its cell mates.")),
    )


def solve(text: str) -> str | None:
    """Returns the value of the first sum in a text, or None if there is none."""
    for match in _SUM.finditer(re.sub(r"(?<=\d),(?=\d{3})", "", text)):
        sum_ = match.group().replace("^", "**").rstrip(" .+*/%-(").strip()
        if len(sum_) > LONGEST_SUM or not _CALCULATION.search(sum_):
            continue
        try:
            value = _value(ast.parse(sum_, mode="eval").body)
        except ZeroDivisionError:
            return "undefined: nothing can be divided by 0"
        except (SyntaxError, ValueError, OverflowError):
            continue
        return f"{value:,}" if isinstance(value, int) else f"{value:.6g}"
    return None


def _value(node: ast.AST) -> float:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return node.value
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow) and (abs(right) > LARGEST_POWER or abs(left) > 1e6):
            raise ValueError("too large")
        value = _OPERATORS[type(node.op)](left, right)
        if isinstance(value, complex):
            raise ValueError("not a real number")
        return value
    raise ValueError("not a sum")
