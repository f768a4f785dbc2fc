"""A cell that somebody shares: its source and its outputs, as one entry of a MIME bundle.

The same bundle has ``text/plain`` (and ``text/x-python`` or its like) for readers that do not know
this type. The place it comes from is the message's ``location``.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct

CELL_MIME = "application/vnd.meetwidget.cell+json"
"""MIME type of a :class:`SharedCell`."""


class SharedCell(Struct, omit_defaults=True):
    """Source and outputs, in the notebook format's own terms (nbformat 4)."""

    source: str
    language: str = "python"
    outputs: list[dict[str, Any]] = []
    """``stream``, ``display_data``, ``execute_result`` and ``error`` outputs; a bundle's texts are
    strings, not lists of lines."""
    execution_count: int | None = None
