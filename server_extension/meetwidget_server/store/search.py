"""Search in SQL: the newest messages with all the words of a query, as one reader may see them.

Words are found by SQLite's full-text index. Where words are no help (signs, emoji, scripts
that put no spaces between words) the texts themselves are looked through.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from typing import Any

import msgspec

from meetwidget.wire.values import By
from meetwidget_server.store import Hit, Hits
from meetwidget_server.store.rooms import log_of
from meetwidget_server.store.schema import place_of
from meetwidget_server.store.text import MARK_OPEN, MARK_SHUT

MAX_QUERY = 200
"""Characters of a query."""
MAX_WORDS = 16
BEFORE = 40
"""Characters of a snippet before what was found."""
SNIPPET = 200
"""Characters of a snippet."""
_OPEN, _SHUT = MARK_OPEN, MARK_SHUT
_PARTS = re.compile(r'"([^"]*)"?|(\S+)')
_UNSPACED = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]"
)
"""Thai, Lao, Burmese, Khmer, Japanese and Chinese."""
_decode_by = msgspec.json.Decoder(By).decode

_VISIBLE = """
WHERE log.kind = 'message' AND (
    log.audience IS NULL OR log.author = :reader
    OR EXISTS (SELECT 1 FROM json_each(log.audience) WHERE value = :reader)
)
"""
# CROSS JOIN: what was found decides which rows of the log are looked at, not the other way round.
_BY_WORDS = f"""
SELECT log.message, log.offset, log.at, log.by, highlight(search, 0, '{_OPEN}', '{_SHUT}')
FROM search CROSS JOIN log ON log.room = :room AND log.offset = search.rowid - :first
{_VISIBLE} AND search MATCH :words AND search.rowid > :first AND search.rowid < :end {{signs}}
ORDER BY search.rowid DESC LIMIT :limit
"""  # noqa: S608 - our names
_BY_SIGNS = f"""
SELECT log.message, log.offset, log.at, log.by, said.text
FROM said CROSS JOIN log ON log.room = :room AND log.offset = said.place - :first
{_VISIBLE} AND said.place > :first AND said.place < :end {{signs}}
ORDER BY said.place DESC LIMIT :limit
"""  # noqa: S608 - our names


def search(
    db: sqlite3.Connection, name: str, reader: str, query: str, before: int | None, limit: int
) -> Hits:
    """Finds the newest messages before an offset.

    Every word must be there, as the beginning of a word; ``"what is in quotes"`` as it stands.
    Case and accents do not matter.
    """
    found = log_of(db, name)
    if found is None:
        return Hits("", [], False)
    room, epoch, last = found
    parts = _parts(query)
    if not parts:
        return Hits(epoch, [], False)
    end = last + 1 if before is None else min(before, last + 1)
    values: dict[str, Any] = {
        "room": room,
        "reader": reader,
        "first": place_of(room, 0),
        "end": place_of(room, end),
        "limit": limit + 1,
    }
    words = [part for part in parts if _is_word(part[0])]
    signs = [text for text, _ in parts if not _is_word(text)]
    values |= {f"sign{number}": text for number, text in enumerate(signs)}
    if words:
        values["words"] = _expression(words)
    text = "search.text" if words else "said.text"
    # In SQL alone, so that other threads go on meanwhile; case matters outside of ASCII here.
    has = "".join(f" AND instr(lower({text}), lower(:sign{n}))" for n in range(len(signs)))
    rows = db.execute((_BY_WORDS if words else _BY_SIGNS).format(signs=has), values)
    hits = [_hit(row[:4], *_found(row[4], signs)) for row in rows]
    return Hits(epoch, hits[:limit], len(hits) > limit)


# ----------------------------------------------------------------------------- the query


def _parts(query: str) -> list[tuple[str, bool]]:
    """Returns words and quoted phrases, and whether each must match to its end."""
    parts = []
    query = unicodedata.normalize("NFC", query).replace("\0", " ")[:MAX_QUERY]
    for match in _PARTS.finditer(query):
        text = (match[1] if match[1] is not None else match[2]).strip().replace('"', "")
        if text:
            parts.append((text, match[1] is not None))
    return parts[:MAX_WORDS]


def _is_word(text: str) -> bool:
    return any(char.isalnum() for char in text) and not _UNSPACED.search(text)


def _expression(parts: list[tuple[str, bool]]) -> str:
    return " ".join(
        f'"{text}"' + ("" if whole or _is_whole(text) else "*") for text, whole in parts
    )


def _is_whole(text: str) -> bool:
    """Whether a word must match to its end: a letter alone is the beginning of nearly everything."""
    return len(text) == 1 or not text[-1].isalnum()


# ------------------------------------------------------------------------------ the answer


def _found(marked: str, signs: list[str]) -> tuple[str, list[tuple[int, int]]]:
    """Returns the text without the index's marks, and what was between them or is a sign."""
    text, places = "", []
    for piece in re.split(f"({_OPEN}[^{_SHUT}]*{_SHUT})", marked):
        if piece.startswith(_OPEN):
            places.append((len(text), len(text) + len(piece) - 2))
            text += piece[1:-1]
        else:
            text += piece
    for sign in signs:
        found = re.finditer(re.escape(sign), text, re.IGNORECASE)
        places += [(match.start(), match.end()) for match in found]
    return text, _merged(places)


def _merged(places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _hit(row: tuple[Any, ...], text: str, places: list[tuple[int, int]]) -> Hit:
    id_, offset, at, by = row
    start = _begin(text, places[0][0]) if places else 0
    end = min(len(text), start + SNIPPET)
    head, tail = ("…" if start else ""), ("…" if end < len(text) else "")
    snippet = head + text[start:end].replace("\n", " ") + tail
    marks = [
        (_utf16(snippet[: len(head) + a - start]), _utf16(text[a : min(b, end)]))
        for a, b in places
        if start <= a < end
    ]
    return Hit(id_, offset, at, _decode_by(by), snippet, marks)


def _begin(text: str, first: int) -> int:
    """Returns where a snippet begins: at a word, a little before what was found."""
    if first <= BEFORE:
        return 0
    space = text.find(" ", first - BEFORE, first)
    return first - BEFORE if space < 0 else space + 1


def _utf16(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)
