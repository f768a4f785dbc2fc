"""What of a message can be found by searching: words for people, without Markdown's signs."""

from __future__ import annotations

import re

import msgspec
from msgspec import UNSET

from meetwidget.wire.log import LogEvent, MessageEvent
from meetwidget.wire.share import CELL_MIME

MARK_OPEN, MARK_SHUT = "\ue000", "\ue001"
"""Private-use characters that stand around what a search found; no text has them."""
MAX_TEXT = 32 * 1024
"""Characters of one message that can be searched; a long table's end cannot."""

_decoder: msgspec.json.Decoder[LogEvent] = msgspec.json.Decoder(LogEvent)
_LINK = re.compile(r"!?\[([^\]\n]*)\]\(([^)\s]+)[^)\n]*\)")
_LINE_START = re.compile(r"^[ \t]*(?:#{1,6}[ \t]+|>[ \t]?|(?:```|~~~).*$)", re.MULTILINE)
_EMPHASIS = re.compile(r"(?<!\w)\*{1,3}(?=\S)|(?<=\S)\*{1,3}(?!\w)|~~|`+")
"""Underscores stay: they are parts of names more often."""
_NOT_TEXT = str.maketrans({MARK_OPEN: None, MARK_SHUT: None, "\0": None})
_SOURCES = ("text/x-python", "text/plain", "text/markdown", "text/latex")
"""MIME types of a bundle that are texts, the most telling first."""


def searchable(event: MessageEvent, body: str | None = None) -> str:
    """Returns the text of a message: its words, a poll's options, names of files, shared code.

    Args:
        event: the message.
        body: its words now, if it was edited.
    """
    parts = [plain(event.body if body is None else body)]
    if event.poll is not UNSET:
        parts += event.poll.options
    if event.files is not UNSET:
        parts += [file.name for file in event.files]
    if event.data is not UNSET:
        parts.append(_of_bundle(event.data))
    text = "\n".join(part for part in parts if part)[:MAX_TEXT]
    return text.translate(_NOT_TEXT)


def plain(markdown: str) -> str:
    """Returns Markdown without most of its signs; words and their order stay."""
    text = _LINK.sub(lambda link: f"{link[1]} {link[2]}" if link[1] else link[2], markdown)
    return _EMPHASIS.sub("", _LINE_START.sub("", text)).strip()


def _of_bundle(bundle: dict[str, object]) -> str:
    cell = bundle.get(CELL_MIME)
    if isinstance(cell, dict) and isinstance(cell.get("source"), str):
        return str(cell["source"])
    for mime in _SOURCES:
        text = bundle.get(mime)
        if isinstance(text, str):
            return text
    return ""


def text_of(message: bytes, body: str | None) -> str:
    """Returns the same of an event as it is in the log; empty for what is no message."""
    event = _decoder.decode(message)
    return searchable(event, body) if isinstance(event, MessageEvent) else ""
