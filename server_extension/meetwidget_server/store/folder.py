"""Where the content of files lies: one plain file each, in a folder beside the database.

The database decides which there are. Content is written under a temporary name first and moved
when it is whole; what the database no longer names is removed after the transaction that forgot
it. So whatever breaks off in between, a file that is listed has its content, all of it.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterable
from pathlib import Path

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_UNFINISHED = ".part"
FOLDER = ".files"
"""What the folder's name has more than that of its database."""


FILE_ID = r"[A-Za-z0-9_-]{24}"
"""What ids look like, as a pattern: like few names of rooms, whose paths may be nested."""


def new_file_id() -> str:
    """Returns an id that nobody can guess: 144 bits."""
    return secrets.token_urlsafe(18)


def folder_of(database: Path) -> Path:
    """Returns the folder of a database's files."""
    return database.with_name(database.name + FOLDER)


class Folder:
    """The content of all files."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def unfinished(self) -> Path:
        """Returns a new path for content that is being written.

        Raises:
            OSError: the folder cannot be made.
        """
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.path / f"{secrets.token_hex(8)}{_UNFINISHED}"

    def content(self, id_: str) -> Path:
        """Returns where the content of a file is.

        Raises:
            ValueError: this is no id.
        """
        if not _ID.fullmatch(id_):
            raise ValueError("no id of a file")
        return self.path / id_

    def keep(self, id_: str, content: Path) -> None:
        """Gives written content its place; it is on disk afterwards.

        Raises:
            OSError: it is not.
        """
        with content.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(content, self.content(id_))

    def discard(self, id_: str, content: Path) -> None:
        """Removes content that is not kept after all."""
        for path in (content, self.content(id_)):
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)

    def remove(self, ids: Iterable[str]) -> list[str]:
        """Removes content; returns the ids of what is not there any more."""
        done = []
        for id_ in ids:
            try:
                self.content(id_).unlink(missing_ok=True)
            except OSError:
                continue  # tried again later
            done.append(id_)
        return done

    def sweep(self) -> None:
        """Removes what an earlier run has not finished writing."""
        with contextlib.suppress(OSError):
            for part in self.path.glob(f"*{_UNFINISHED}"):
                part.unlink(missing_ok=True)
