"""A room's log as a notebook: what was said as text, what was shared as cells and outputs.

It is built of parts that the notebook format allows, whatever a bundle's sender has put into it,
so the file always opens; the tests ask nbformat, which is too slow for the relay (0.4 ms a cell).
Nothing in it is trusted by Jupyter before its reader says so.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from meetwidget.wire.fold import Reading
from meetwidget.wire.share import CELL_MIME
from meetwidget.wire.values import FileRef
from meetwidget_server.routes.transcript import shared_cell, words_of

MAX_PICTURE = 512 * 1024
"""Bytes of an image that becomes part of the notebook; larger ones are named."""
MAX_PICTURES = 16 * 1024 * 1024
"""Bytes of all of them."""
_RUN = ("application/javascript", "text/javascript")
"""What has no business in a transcript."""


def pictures_of(readings: Sequence[Reading]) -> list[FileRef]:
    """Returns the images that the notebook can hold, the first ones if they are too many."""
    chosen = []
    left = MAX_PICTURES
    for reading in readings:
        for file in reading.event.files or ():
            if file.width and file.size <= min(MAX_PICTURE, left):
                left -= file.size
                chosen.append(file)
    return chosen


def as_notebook(
    room: str, readings: Sequence[Reading], pictures: Mapping[str, bytes] | None = None
) -> bytes:
    """Returns the conversation as the content of an ``.ipynb`` file.

    Args:
        room: its name, the title.
        readings: the messages as they read now, oldest first.
        pictures: by file id, content of the images to embed.
    """
    by_id = {reading.id: reading for reading in readings}
    cells = [_cell("markdown", f"# {room}", "title")]
    for reading in readings:
        cells.append(_said(by_id, reading, pictures or {}))
        cells += _shared(reading)
    notebook = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return msgspec.json.format(msgspec.json.encode(notebook), indent=1)


def _cell(kind: str, source: str, id_: str) -> dict[str, Any]:
    return {"cell_type": kind, "id": id_, "metadata": {}, "source": source}


def _said(
    by_id: Mapping[str, Reading], reading: Reading, pictures: Mapping[str, bytes]
) -> dict[str, Any]:
    attachments: dict[str, dict[str, str]] = {}
    addresses: dict[str, str] = {}
    for number, file in enumerate(reading.event.files or (), 1):
        content = pictures.get(file.id)
        if content is not None:
            name = f"{number}.{file.type.partition('/')[2]}"
            attachments[name] = {file.type: base64.b64encode(content).decode()}
            addresses[file.id] = f"attachment:{name}"
    text = "\n\n".join(words_of(by_id, reading, addresses))
    cell = _cell("markdown", text, f"m{reading.offset}")
    if attachments:
        cell["attachments"] = attachments
    return cell


def _shared(reading: Reading) -> Iterator[dict[str, Any]]:
    """Gives the code cell of what a message shares, if it shares anything."""
    id_ = f"c{reading.offset}"
    data = reading.event.data
    cell = shared_cell(reading)
    if cell is not None:
        outputs = [made for output in cell.outputs if (made := _output(output)) is not None]
        foreign = cell.language not in ("python", "ipython")
        source = f"%%{cell.language}\n{cell.source}" if foreign else cell.source
        yield _code_cell(source, outputs, id_, cell.execution_count)
    elif isinstance(data, dict):
        code = data.get("text/x-python")
        bundle = _bundle({m: value for m, value in data.items() if m != "text/x-python"})
        if isinstance(code, str) and set(bundle) <= {"text/plain"}:
            bundle = {}  # the same once more
        outputs = [_display(bundle)] if bundle else []
        if outputs or isinstance(code, str):
            yield _code_cell(code if isinstance(code, str) else "", outputs, id_)


def _code_cell(
    source: str, outputs: list[dict[str, Any]], id_: str, count: int | None = None
) -> dict[str, Any]:
    return _cell("code", source, id_) | {
        "outputs": outputs,
        "execution_count": count if count and count > 0 else None,
    }


def _output(output: dict[str, Any]) -> dict[str, Any] | None:
    """Returns an output in the format's terms; ``None``: it is none."""
    match output.get("output_type"):
        case "stream":
            name = "stderr" if output.get("name") == "stderr" else "stdout"
            return {"output_type": "stream", "name": name, "text": _text(output.get("text"))}
        case "error":
            lines = output.get("traceback")
            return {
                "output_type": "error",
                "ename": _text(output.get("ename")),
                "evalue": _text(output.get("evalue")),
                "traceback": [_text(line) for line in lines] if isinstance(lines, list) else [],
            }
        case "display_data" | "execute_result":
            bundle = _bundle(output.get("data"))
            return _display(bundle) if bundle else None
        case _:
            return None


def _display(bundle: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": bundle, "metadata": {}}


def _bundle(data: object) -> dict[str, Any]:
    """Returns what of a bundle the format allows: JSON for JSON types, texts for all others."""
    if not isinstance(data, dict):
        return {}
    return {
        mime: value
        for mime, value in data.items()
        if mime not in _RUN
        and mime != CELL_MIME
        and (isinstance(value, str) or (mime.startswith("application/") and mime.endswith("json")))
    }


def _text(value: object) -> str:
    if isinstance(value, list):
        return "".join(str(part) for part in value)
    return "" if value is None else str(value)
