"""The room's files: what was sent along with messages, kept by the relay."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from msgspec import UNSET, Struct, UnsetType

from meetwidget.errors import MeetError, TooLarge
from meetwidget.messages import File
from meetwidget.people import Someone
from meetwidget.relay_client import RelayClient
from meetwidget.rest import RoomRest
from meetwidget.room_state import RoomState
from meetwidget.wire.control import By, FileRef

FileLike = File | str | os.PathLike[str]
"""A file of the room, or the path of one here."""
FileList = list[File]
MAX_NAME = 255
"""Longest name of a file, characters."""


class _Listed(FileRef):
    message: str | UnsetType = UNSET
    by: By | UnsetType = UNSET
    at: int | UnsetType = UNSET


class _Listing(Struct):
    files: list[_Listed]


class Files:
    """A room's files, newest last; iterate over them, or ask for one by its name."""

    def __init__(self, client: RelayClient, state: RoomState) -> None:
        self._state = state
        self._rest = RoomRest(client.endpoint, client.room, client.session_token)

    def list(self) -> FileList:
        """Returns all files that were sent and not deleted since, oldest first.

        Raises:
            MeetError: the relay does not answer.
        """
        listed = self._rest.get("files", _Listing).files
        return sorted(map(_file, listed), key=lambda file: (file.at or _BEGINNING, file.id))

    def upload(self, source: str | os.PathLike[str] | bytes | BinaryIO, name: str = "") -> File:
        """Hands the relay a file, to be sent with ``chat.send(…, files=…)`` within the hour.

        Args:
            source: a path, the content, or a binary file from where it stands.
            name: for people; the path's own by default.

        Raises:
            TooLarge: the message names the limit.
            MeetError: no name, no such file, or the relay keeps no files.
        """
        if isinstance(source, str | os.PathLike):
            path = Path(source)
            try:
                with path.open("rb") as opened:
                    return self._upload(
                        opened, os.fstat(opened.fileno()).st_size, name or path.name
                    )
            except OSError as error:
                raise MeetError(
                    f"{path} cannot be read: {error.strerror or error}.", "no-such-file"
                ) from None
        name = name or os.path.basename(str(getattr(source, "name", "")))
        if not name:
            raise MeetError("Give the file a name: upload(data, name='plot.png').", "no-name")
        if isinstance(source, bytes):
            return self._upload(source, len(source), name)
        start = source.tell()
        size = source.seek(0, io.SEEK_END) - start
        source.seek(start)
        return self._upload(source, size, name)

    def read(self, file: File | str) -> bytes:
        """Returns a file's content.

        Args:
            file: as listed, or its name; of several of one name the newest.

        Raises:
            MeetError: there is none of that name, or it was deleted.
        """
        content = io.BytesIO()
        self._rest.fetch(f"files/{self._named(file).id}", content)
        return content.getvalue()

    def save(self, file: File | str, to: str | os.PathLike[str] = ".") -> Path:
        """Writes a file here, and returns where it is.

        Args:
            file: as for :meth:`read`.
            to: a folder, or the path to write; what is there already is not overwritten.

        Raises:
            MeetError: as for :meth:`read`, or it cannot be written.
        """
        found, path = self._named(file), Path(to)
        if path.is_dir():
            path = path / _local_name(found.name)
        try:
            with path.open("xb") as opened:
                try:
                    self._rest.fetch(f"files/{found.id}", opened)
                except BaseException:
                    path.unlink()
                    raise
        except FileExistsError:
            raise MeetError(f"{path} is there already; name another path.", "exists") from None
        except OSError as error:
            raise MeetError(
                f"{path} cannot be written: {error.strerror or error}.", "not-written"
            ) from None
        return path

    def __iter__(self) -> Iterator[File]:
        return iter(self.list())

    def __repr__(self) -> str:
        try:
            listed = self.list()
        except MeetError as error:
            return f"({error})"
        return "\n".join(f"{file}, {_whence(file)}" for file in listed) or "(no files yet)"

    def uploaded(self, files: Iterable[FileLike]) -> FileList:
        """Returns the files as the relay knows them; paths are uploaded first."""
        return [file if isinstance(file, File) else self.upload(file) for file in files]

    def _upload(self, body: bytes | BinaryIO, size: int, name: str) -> File:
        limits = self._state.limits
        most = limits.file_bytes if limits is not None else 0
        if most == 0:
            raise MeetError("This relay keeps no files.", "no-files")
        if size > most:
            raise TooLarge(f"A file has at most {most} bytes; {name} has {size}.")
        if size == 0:
            raise MeetError(f"{name} is empty.", "empty")
        short = name if len(name) <= MAX_NAME else name[-MAX_NAME:]
        return File.of(self._rest.post("files", body, size, FileRef, name=short))

    def _named(self, file: File | str) -> File:
        if isinstance(file, File):
            return file
        found = [each for each in self.list() if file in (each.name, each.id)]
        if not found:
            raise MeetError(f"There is no file called {file!r} in the room.", "no-such-file")
        return found[-1]


_BEGINNING = datetime.fromtimestamp(0, UTC)


def _file(listed: _Listed) -> File:
    return replace(
        File.of(listed),
        message=listed.message if isinstance(listed.message, str) else None,
        by=Someone.of(listed.by) if isinstance(listed.by, By) else None,
        at=datetime.fromtimestamp(listed.at / 1000, UTC) if isinstance(listed.at, int) else None,
    )


def _local_name(name: str) -> str:
    """The name without what would lead out of a folder, or hide the file."""
    plain = "".join(c for c in name if c.isprintable() and c not in '/\\:*?"<>|').lstrip(". ")
    return plain.rstrip(". ") or "file"


def _whence(file: File) -> str:
    at = f"{file.at.astimezone():%Y-%m-%d %H:%M} " if file.at is not None else ""
    return f"{at}{file.by or 'not sent yet'}"
