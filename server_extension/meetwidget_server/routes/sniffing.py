"""What a file is, by its content: nobody's word is taken for it.

No type that a browser would run or lay out (HTML, SVG, XML, Flash) is ever given: such a file is a
text, or bytes.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import NamedTuple

import filetype
import imagesize

UNKNOWN = "application/octet-stream"
HEAD_BYTES = 64 * 1024
"""How much of a file is looked at for its type."""
MAX_SIDE = 16_384
"""Pixels of a side of an image that is shown; larger ones are for downloading."""
MAX_PIXELS = 64_000_000
"""Pixels of such an image: browsers need four bytes for each."""

_SHOWN = {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
"""Images that every browser shows."""
_AS = {
    "image/apng": "image/png",
    "application/x-shockwave-flash": UNKNOWN,
    "application/x-google-chrome-extension": UNKNOWN,
}
_TEXTS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".md": "text/markdown",
    ".json": "application/json",
    ".ipynb": "application/x-ipynb+json",
    ".py": "text/x-python",
}
"""What a text is by its name; any other is ``text/plain``."""
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


class Kind(NamedTuple):
    """What a file is."""

    type: str
    width: int | None = None
    """Pixels as shown, of an image that may be shown inline."""
    height: int | None = None


def look_at(path: Path, name: str) -> Kind:
    """Finds out what a file is.

    Args:
        path: its content.
        name: what its uploader calls it; tells texts apart, nothing else.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    found = filetype.guess_mime(head) if head else None
    if found is None:
        is_text = _is_text(head)
        suffix = PurePosixPath(name).suffix.lower()
        return Kind(_TEXTS.get(suffix, "text/plain") if is_text else UNKNOWN)
    type_ = _AS.get(found, found)
    if type_ not in _SHOWN:
        return Kind(type_)
    try:
        width, height = imagesize.get(path)
    except Exception:  # a broken image is one that is not shown
        return Kind(type_)
    whole = 0 < width <= MAX_SIDE and 0 < height <= MAX_SIDE and width * height <= MAX_PIXELS
    return Kind(type_, width, height) if whole else Kind(type_)


def _is_text(head: bytes) -> bool:
    if not head or not _CONTROLS.isdisjoint(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # A character may be cut in two at the end of what is looked at.
        return len(head) == HEAD_BYTES and error.start > len(head) - 4
    return True
