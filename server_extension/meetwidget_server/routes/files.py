"""Files over HTTP: uploaded by who is in the room, read by who may read the message.

An upload goes to disk piece by piece and never through the relay's memory as a whole. A download
is an attachment in which nothing can run, whatever it holds.
"""

from __future__ import annotations

import asyncio
import re
import time
import unicodedata
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote

import msgspec
from tornado.iostream import StreamClosedError
from tornado.web import stream_request_body

from meetwidget.wire.values import FileRef
from meetwidget_server.routes.base import Endpoint, Refusal
from meetwidget_server.routes.reading import RoomReader
from meetwidget_server.routes.sniffing import look_at
from meetwidget_server.store import FileLimits, FileRefused, NewFile, NotKept
from meetwidget_server.store.files import too_large
from meetwidget_server.store.folder import new_file_id

PIECE_BYTES = 256 * 1024
"""How much of an upload is written to disk in one go."""
SENT_BYTES = 64 * 1024
"""How much of a download is sent in one go: Jupyter compresses texts, and media must not wait."""
POLITE_BYTES = 256 * 1024 * 1024
"""Largest body that is received although it is refused, so that its sender reads why."""
MAX_NAME = 255
"""Characters of a file's name."""
FENCED = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
}
"""Of every download: opened by itself it is a document of no origin, in which nothing runs."""
NOT_HERE = "That file is not here any more."
NOT_IN = "Join the room first: only who is in it may send files."
NO_FILES = "No files are kept here."
_CODES = {"too-large": 413, "room-full": 507, "store-full": 507, "too-many": 429}


class Files(RoomReader):
    """``GET api/rooms/{room}/files``: the list; ``POST``: a new file, its content as the body."""

    _content: BinaryIO | None = None
    _path: Path | None = None
    _pending = bytearray()
    _received = 0
    _owner = ""
    _room = ""

    @property
    def limits(self) -> FileLimits:
        """How much of files is kept."""
        return self.relay.config.file_limits()

    async def send_list(self, name: str) -> None:
        """Answers with the files of messages that the caller may read, oldest first."""
        room = self.room_name(name)
        kept = await self.readable(self.relay.store.files(room, await self.reader(room)))
        listed = [
            msgspec.to_builtins(file.ref)
            | {"message": file.message, "by": msgspec.to_builtins(file.by), "at": file.at}
            for file in kept
        ]
        self.answer({"files": listed})

    # ------------------------------------------------------------------ uploading

    async def prepare(self, **options: Any) -> None:
        if self.request.method != "POST":
            await super().prepare(**options)
            return
        self.require_ready()
        # The front's limit for small calls does not hold here; ours is checked piece by piece.
        self.request.connection.set_max_body_size(  # type: ignore[union-attr]
            max(POLITE_BYTES, self.limits.file_bytes)
        )
        await super().prepare(**options)
        if not self._finished:
            await self._begin()

    async def _begin(self) -> None:
        """Opens a file for the upload, if it may be kept.

        Raises:
            Refusal: it may not.
        """
        self._room = self.room_name(self.path_args[0])
        reader = await self.reader(self._room)
        live = self.relay.room(self._room)
        rights = None if live is None else live.rights_of(reader)
        if rights is None:
            raise Refusal(403, "not-joined", NOT_IN)
        if not rights.chat:
            raise Refusal(403, "not-allowed", "You may not send files in this room.")
        if not self.limits.file_bytes:
            raise Refusal(403, "no-files", NO_FILES)
        declared = self.request.headers.get("Content-Length", "0")
        size = int(declared) if declared.isdecimal() else 0
        if size > self.limits.file_bytes:
            raise Refusal(413, "too-large", too_large(self.limits.file_bytes))
        store = self.relay.store
        try:
            await store.check_space(self._room, reader, size)
            self._path = store.unfinished_file()
            self._content = await self._aside(self._path.open, "xb")
        except FileRefused as refusal:
            raise Refusal(_CODES[refusal.code], refusal.code, str(refusal)) from None
        except (NotKept, OSError):
            raise Refusal(503, "not-kept", "The file cannot be kept; try again later.") from None
        self._owner = reader
        self._pending = bytearray()

    async def data_received(self, chunk: bytes) -> None:
        if self._content is None:
            return
        self._received += len(chunk)
        if self._received > self.limits.file_bytes:
            self._drop()
            return
        self._pending += chunk
        if len(self._pending) >= PIECE_BYTES:
            await self._write_pending()

    async def _write_pending(self) -> None:
        piece, self._pending = self._pending, bytearray()
        assert self._content is not None
        try:
            await self._aside(self._content.write, piece)
        except (OSError, ValueError):  # the disk is full, or the upload was broken off
            self._drop()

    async def receive(self) -> None:
        """Keeps what was uploaded and answers with its description."""
        if self._received > self.limits.file_bytes:
            raise Refusal(413, "too-large", too_large(self.limits.file_bytes))
        if self._content is not None:
            await self._write_pending()
        if self._content is None or self._path is None:
            raise Refusal(503, "not-kept", "The file could not be kept; try again later.")
        if not self._received:
            raise Refusal(400, "bad-request", "The file is empty.")
        content, self._content = self._content, None
        await self._aside(content.close)
        name = safe_name(self.get_query_argument("name", ""))
        try:
            kind = await self._aside(look_at, self._path, name)
            ref = FileRef(new_file_id(), name, kind.type, self._received)
            if kind.width is not None and kind.height is not None:
                ref.width, ref.height = kind.width, kind.height
            new = NewFile(self._room, self._owner, round(time.time() * 1000), ref)
            await self.relay.store.add_file(new, self._path)
        except FileRefused as refusal:
            raise Refusal(_CODES[refusal.code], refusal.code, str(refusal)) from None
        except (NotKept, OSError):
            raise Refusal(503, "not-kept", "The file could not be kept; try again later.") from None
        self._path = None
        self.answer(msgspec.to_builtins(ref), HTTPStatus.CREATED)

    def on_connection_close(self) -> None:
        super().on_connection_close()
        self._drop()

    def on_finish(self) -> None:
        super().on_finish()
        self._drop()

    def _drop(self) -> None:
        """Removes what was received so far, if it was not kept."""
        content, self._content = self._content, None
        path, self._path = self._path, None
        if content is not None:
            content.close()
        if path is not None:
            path.unlink(missing_ok=True)

    @staticmethod
    async def _aside(work: Any, *arguments: Any) -> Any:
        """Has the disk waited for by another thread than the media's."""
        return await asyncio.get_running_loop().run_in_executor(None, work, *arguments)


# For every class that is made of it: bodies come piece by piece.
stream_request_body(Files)


class Download(Endpoint):
    """An endpoint that gives a file, as an attachment."""

    async def send_file(self, ref: FileRef, path: Path) -> None:
        """Answers with the content at ``path``, piece by piece.

        Raises:
            Refusal: it is gone.
        """
        loop = asyncio.get_running_loop()
        self.clear_header("X-Frame-Options")
        for header, value in FENCED.items():
            self.set_header(header, value)
        # It never changes, but it may be deleted, so it is asked for each time.
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("Etag", f'"{ref.id}"')
        if self.check_etag_header():
            self.set_status(HTTPStatus.NOT_MODIFIED)
            self.finish()
            return
        try:
            content = await loop.run_in_executor(None, path.open, "rb")
        except OSError:
            raise Refusal(404, "not-found", NOT_HERE) from None
        try:
            self.set_header("Content-Type", _served_as(ref.type))
            self.set_header("Content-Length", str(ref.size))
            self.set_header("Content-Disposition", as_attachment(ref.name))
            await self.flush()
            while piece := await loop.run_in_executor(None, content.read, SENT_BYTES):
                self.write(piece)
                await self.flush()
        except StreamClosedError:
            return
        finally:
            await loop.run_in_executor(None, content.close)
        await self.finish()


class FileContent(Download, RoomReader):
    """``GET api/rooms/{room}/files/{id}``: the content of a file."""

    async def send_content(self, name: str, id_: str) -> None:
        """Answers with the content."""
        room = self.room_name(name)
        found = await self.readable(self.relay.store.file(room, await self.reader(room), id_))
        if found is None:
            raise Refusal(404, "not-found", NOT_HERE)
        await self.send_file(*found)


def _served_as(type_: str) -> str:
    return f"{type_}; charset=utf-8" if type_.startswith("text/") else type_


def safe_name(name: str) -> str:
    """Returns a name for people: no path, no signs that hide what is there, never empty."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    shown = "".join(char for char in last if unicodedata.category(char)[0] != "C").strip(" .")
    if len(shown) > MAX_NAME:
        stem, dot, suffix = shown.rpartition(".")
        kept = f"{dot}{suffix}" if dot and len(suffix) < 16 else ""
        shown = (stem if kept else shown)[: MAX_NAME - len(kept)] + kept
    return shown or "file"


def as_attachment(filename: str) -> str:
    """Returns the header value that has a browser save what it gets under a name."""
    plain = re.sub(r"[^ !#-\[\]-~]", "_", filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
