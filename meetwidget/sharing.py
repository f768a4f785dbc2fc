"""Shares objects and cells with a room, as data: sent with a message, or stored as a file."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import msgspec

from meetwidget import places
from meetwidget.bundles import PLAIN, bundle_of, fitting, rich, size_of
from meetwidget.errors import TooLarge
from meetwidget.messages import File, Message
from meetwidget.people import Someone
from meetwidget.shared_cell import fit
from meetwidget.wire.control import MAX_DATA_BYTES
from meetwidget.wire.share import CELL_MIME, SharedCell

if TYPE_CHECKING:
    from meetwidget.room import Room

ENDINGS: Final = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "image/svg+xml": ".svg",
    "text/html": ".html",
    "text/markdown": ".md",
    "text/latex": ".tex",
    "application/pdf": ".pdf",
    PLAIN: ".txt",
}
"""Names of files that shared objects become; what is not named here is JSON."""
SHOWN: Final = (*(mime for mime in ENDINGS if mime.startswith("image/")), "text/html")
"""Forms that are worth a file, best first: the relay shows images, and a browser HTML."""
MAX_HINT = 400
"""Characters of the plain text in a message whose object is a file."""


def share(
    room: Room,
    thing: object,
    caption: str = "",
    *,
    to: Someone | str | Iterable[Someone | str] | None = None,
    as_file: bool | None = None,
) -> Message:
    """Sends an object's MIME bundle; see :meth:`Room.share`."""
    bundle = bundle_of(thing)
    return _send(room, bundle, type(thing).__name__.lower(), caption, to, as_file)


def share_cell(room: Room, cell: SharedCell, caption: str = "") -> Message:
    """Sends a cell that has run, with its outputs; as plain text it is its source.

    Of a cell that is too large for a message the largest outputs are left out, which is said in
    their place.

    Raises:
        TooLarge: the source alone is; the message names the limit.
    """
    most = _most(room)
    bundle = _cell_bundle(cell)
    if size_of(bundle) > most:
        frame = size_of(_cell_bundle(msgspec.structs.replace(cell, outputs=[])))
        own = size_of(msgspec.to_builtins(msgspec.structs.replace(cell, outputs=[])))
        try:
            bundle = _cell_bundle(fit(cell, most - frame + own))
        except ValueError:
            raise TooLarge(
                f"A shared cell has at most {most} bytes as JSON; this has {size_of(bundle)}."
            ) from None
    return room.chat.send(caption, data=bundle, location=places.here())


def _cell_bundle(cell: SharedCell) -> dict[str, Any]:
    return {
        CELL_MIME: msgspec.to_builtins(cell),
        f"text/x-{cell.language}": cell.source,
        PLAIN: cell.source,
    }


def _most(room: Room) -> int:
    return room.limits.data_bytes if room.limits is not None else MAX_DATA_BYTES


def _send(
    room: Room,
    bundle: dict[str, Any],
    name: str,
    caption: str,
    to: Someone | str | Iterable[Someone | str] | None,
    as_file: bool | None,
) -> Message:
    location = places.here()
    most = _most(room)
    small = None if as_file else fitting(bundle, most)
    if small is not None:
        return room.chat.send(caption, to=to, data=small, location=location)
    size = size_of(bundle)
    if as_file is False:
        raise TooLarge(
            f"What is shared has at most {most} bytes as JSON; this has {size}. "
            "Share a part of it, or store it as a file: as_file=True."
        )
    stored = _store(room, bundle, name, most)
    hint = str(bundle.get(PLAIN, ""))
    data = {PLAIN: hint if len(hint) <= MAX_HINT else hint[:MAX_HINT] + " …"}
    return room.chat.send(caption, to=to, data=data, files=[stored], location=location)


def _store(room: Room, bundle: dict[str, Any], name: str, most: int) -> File:
    mime = next((mime for mime in SHOWN if mime in bundle), None)
    mime = mime or next(iter(rich(bundle)), PLAIN)
    content = bundle[mime]
    if mime.startswith("image/") and mime != "image/svg+xml" and isinstance(content, str):
        raw = base64.b64decode(content)
    elif isinstance(content, str):
        raw = content.encode()
    else:
        raw = json.dumps(content, indent=1).encode()
    if room.limits is not None and room.limits.file_bytes == 0:
        raise TooLarge(
            f"What is shared has at most {most} bytes as JSON; this has {size_of(bundle)}, and "
            "this relay keeps no files."
        )
    ending = ENDINGS.get(mime, ".json" if not isinstance(content, str) else ".txt")
    return room.files.upload(raw, name=f"{name}{ending}")
