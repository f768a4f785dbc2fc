"""The words of ``%meet``, once: for the help, for completion, and for taking lines apart."""

from __future__ import annotations

from typing import Final

from meetwidget.command_line import Word

_ALL = (
    Word(
        "join",
        "join ROOM",
        "show a room here; --mic and --cam turn them on, --sidebar shows it beside the notebook, "
        "--headless brings in this kernel alone, --as names it",
        "join physics-101",
        switches=frozenset({"--mic", "--cam", "--sidebar", "--headless"}),
        values={"--as": "NAME"},
    ),
    Word("leave", "leave [ROOM]", "leave it", "leave physics-101"),
    Word("say", "say TEXT", "say something in the chat, as this kernel", "say hello everybody"),
    Word(
        "share",
        "share EXPR",
        "show a value to the room; a comment becomes its caption; "
        "%%meet share runs a cell and shows it with its outputs",
        "share df.head()  # the first rows",
    ),
    Word("who", "who", "who is in the room"),
    Word("rooms", "rooms", "the rooms you may see"),
    Word("status", "status", "what is connected, and to what"),
    Word(
        "history",
        "history [-n N]",
        "what was said, the newest 20 or N",
        "history -n 50",
        values={"-n": "N"},
    ),
    Word("search", "search WORDS", "messages with these words", "search learning rate"),
    Word("files", "files", "the room's files"),
    Word(
        "save",
        "save PATH",
        "write the meeting's transcript: .ipynb, .md or .json",
        "save meeting.ipynb",
    ),
    Word(
        "poll",
        'poll "QUESTION" A B C',
        "ask the room (--multiple: several choices); alone: how the polls stand; "
        "--close ends the last one asked here",
        'poll "Which day?" Monday Tuesday "any other"',
        switches=frozenset({"--multiple", "--close"}),
    ),
    Word("hand", "hand [down]", "raise this kernel's hand, or take it down", "hand down"),
    Word("help", "help [WORD]", "this text", "help join"),
)

WORDS: Final = {word.name: word for word in _ALL}
"""By name, in the order of the help."""

_WIDTH = max(len(word.usage) for word in _ALL) + 2


def help_text(name: str = "") -> str:
    """Returns what ``%meet help`` prints: a line for each word, or all about one."""
    if word := WORDS.get(name):
        shown = (f"{option} {word.values.get(option, '')}".rstrip() for option in word.options)
        options = "".join(f" [{one}]" for one in shown if one not in word.usage)
        return f"%meet {word.usage}{options}: {word.about}. For example: %meet {_example(word)}"
    lines = [f"%meet {word.usage:<{_WIDTH}}{word.about.partition(';')[0]}" for word in _ALL]
    return "\n".join([*lines, "%%meet share" + _OVER])


_OVER = (
    f"{'':<{_WIDTH + len('%meet ') - len('%%meet share')}}run a cell, and share it with its outputs\n"
    'In Python: room = meetwidget.join("physics-101"); room.chat.send("hi")'
)


def _example(word: Word) -> str:
    return word.example or word.usage
