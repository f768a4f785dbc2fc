"""The parts of the interface that browsers load on demand: rich text, math, highlighting.

They are the same for everybody, so they are open to everybody, and their names change with
their content, so that a browser keeps them for ever and still has the right ones after an
update. They are read into memory when first asked for: what one page loads in steps is then of
one build, whatever happens to the files.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

from tornado.web import HTTPError, RequestHandler

import meetwidget

STATIC = Path(meetwidget.__file__).parent / "static"
RICH = STATIC / "rich"
ENTRY = "rich.js"
"""The one name without a hash; pages ask for it with ``?v=`` and the hash."""
PATH = r"static/rich/([A-Za-z0-9_.-]+)"
"""Where the parts are, as a pattern, below the base of the meeting's addresses."""

FOREVER = "public, max-age=31536000, immutable"
HASH_DIGITS = 12
"""As in ``js/parts.mjs``."""

_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "woff2": "font/woff2",
}
FENCE = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Opener-Policy": "noopener-allow-popups",
}
"""Of what is no page: opened as one it does nothing, and holds nobody's window."""


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    name: str
    media_type: str
    digest: str
    """The beginning of its SHA-256, :data:`HASH_DIGITS` hexadecimal digits."""
    plain: bytes
    zipped: bytes | None
    """``None`` where it is compressed already."""

    @classmethod
    def read(cls, path: Path, *, name: str | None = None) -> Self:
        """Reads a file that was built.

        Raises:
            OSError: it was not.
        """
        content = path.read_bytes()
        kind = path.suffix.removeprefix(".")
        digest = hashlib.sha256(content).hexdigest()[:HASH_DIGITS]
        zipped = None if kind == "woff2" else gzip.compress(content, mtime=0)
        return cls(name or path.name, _TYPES[kind], digest, content, zipped)

    def send(self, handler: RequestHandler) -> None:
        """Answers a request with it, compressed if the browser knows how."""
        handler.set_header("Content-Type", self.media_type)
        handler.set_header("X-Content-Type-Options", "nosniff")
        handler.set_header("Cross-Origin-Resource-Policy", "same-origin")
        if self.zipped is None:
            handler.finish(self.plain)
            return
        handler.set_header("Vary", "Accept-Encoding")
        if "gzip" in handler.request.headers.get("Accept-Encoding", ""):
            handler.set_header("Content-Encoding", "gzip")
            handler.finish(self.zipped)
        else:
            handler.finish(self.plain)


@cache
def rich_parts(folder: Path) -> Mapping[str, Asset]:
    """Returns the parts by name; none where they were not built."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return {path.name: Asset.read(path) for path in paths if path.suffix[1:] in _TYPES}


class RichParts(RequestHandler):
    """``GET static/rich/NAME``."""

    def set_default_headers(self) -> None:
        """Fences in what is not a page, and must not become one."""
        for name, value in FENCE.items():
            self.set_header(name, value)

    def get(self, name: str) -> None:
        """Sends one file."""
        asset = rich_parts(RICH).get(name)
        if asset is None:
            raise HTTPError(404)
        # Another version of the package asks with another hash: it gets ours, to be asked again.
        current = name != ENTRY or self.get_query_argument("v", "") == asset.digest
        self.set_header("Cache-Control", FOREVER if current else "no-cache")
        asset.send(self)
