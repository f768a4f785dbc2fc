"""Who a message names: ``@Ada Lovelace`` in its body, as people type it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from meetwidget.people import Someone
from meetwidget.wire.control import MAX_MENTIONS, Mention


def mentions_in(body: str, people: Iterable[Someone]) -> list[Mention]:
    """Returns whom a body names with an ``@`` before their display name or user name.

    Of names that begin alike the longest counts; code is left alone.
    """
    names: dict[str, str] = {}
    for person in people:
        names.setdefault(person.name, person.name)
        names[person.display_name] = person.name
    if not names or "@" not in body:
        return []
    longest_first = sorted(names, key=len, reverse=True)
    pattern = re.compile(rf"(?<![\w@])@({'|'.join(map(re.escape, longest_first))})(?!\w)")
    found = dict.fromkeys(match[1] for match in pattern.finditer(_CODE.sub(" ", body)))
    return [Mention(names[text], text) for text in found][:MAX_MENTIONS]


_CODE = re.compile(r"(`{3,}|~{3,}).*?(?:\1|\Z)|(`+)(?!`).+?(?<!`)\2(?!`)", re.DOTALL)
"""Fenced blocks and code spans, roughly as Markdown has them."""
