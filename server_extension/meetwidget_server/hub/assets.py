"""The plain page's script and style, under names that change with their content.

So a browser keeps them for ever and still has the right ones after an update.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import meetwidget

STATIC = Path(meetwidget.__file__).parent / "static"
TYPES = {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file, ready to be sent."""

    name: str
    """With a part of its hash: ``page-1f2e3d4c5b6a.js``."""
    media_type: str
    plain: bytes
    zipped: bytes

    @classmethod
    def read(cls, path: Path) -> Self:
        """Reads a file that was built.

        Raises:
            OSError: it was not.
        """
        content = path.read_bytes()
        kind = path.suffix.removeprefix(".")
        digest = hashlib.sha256(content).hexdigest()[:12]
        zipped = gzip.compress(content, mtime=0)
        return cls(f"{path.stem}-{digest}.{kind}", TYPES[kind], content, zipped)


class Assets:
    """What was built when the service started; an update comes with a restart."""

    def __init__(self, folder: Path = STATIC) -> None:
        """Reads the files.

        Raises:
            OSError: they were not built.
        """
        self.script = Asset.read(folder / "page.js")
        self.style = Asset.read(folder / "page.css")
        self._by_name = {asset.name: asset for asset in (self.script, self.style)}

    def find(self, name: str) -> Asset | None:
        """Returns the asset of exactly this name and content."""
        return self._by_name.get(name)
