"""Readable YAML with comments, which no YAML library writes."""

from __future__ import annotations

import json
import re
from typing import Any

_PLAIN = re.compile(r"[A-Za-z/](?:[A-Za-z0-9_./=! -]|:(?=[^ ]))*")
"""Text that means itself in YAML without quotes."""
_NOT_TEXT = {"true", "false", "yes", "no", "on", "off", "null", "y", "n"}


class Noted(dict[str, Any]):
    """A mapping with comments: ``notes[key]`` stands above that key."""

    def __init__(self, entries: dict[str, Any], **notes: str) -> None:
        super().__init__(entries)
        self.notes = notes


def yaml_text(value: Any, indent: int = 0) -> str:
    """Returns a mapping or a list as YAML, in block style, with the notes it carries."""
    space = " " * indent
    lines: list[str] = []
    if isinstance(value, dict):
        for key, item in value.items():
            note = value.notes.get(key, "") if isinstance(value, Noted) else ""
            lines += [f"{space}# {line}" for line in note.splitlines()]
            lines.append(f"{space}{_scalar(key)}:{_after(item, indent)}")
    else:
        for item in value:
            if isinstance(item, dict) and item:
                body = yaml_text(item, indent + 2)
                lines.append(f"{space}- {body[indent + 2 :].rstrip()}")
            else:
                lines.append(f"{space}-{_after(item, indent)}")
    return "\n".join(lines) + "\n"


def _after(item: Any, indent: int) -> str:
    if isinstance(item, dict | list) and item:
        return "\n" + yaml_text(item, indent + 2).rstrip("\n")
    return f" {_scalar(item)}"


def _scalar(item: Any) -> str:
    if isinstance(item, str) and _PLAIN.fullmatch(item) and item.lower() not in _NOT_TEXT:
        return item.strip() if item == item.strip() else json.dumps(item)
    return json.dumps(item, ensure_ascii=False)
