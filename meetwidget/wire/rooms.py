"""What a room may be called."""

from __future__ import annotations

import re

MAX_ROOM_NAME = 128
_SEGMENT = re.compile(r"[A-Za-z0-9_.-]+")


class InvalidRoom(ValueError):
    """A room name outside the rules; the message is meant for people."""

    code = "invalid-room"


def check_room(name: str) -> str:
    """Returns ``name`` if it may name a room.

    1 to 128 ASCII letters, digits, ``-``, ``_``, ``.``; ``/`` nests. No empty segment,
    and none that is ``.`` or ``..``, so that a name is safe as a path and in a URL.

    Raises:
        InvalidRoom: with a sentence that says what to change.
    """
    if not name:
        raise InvalidRoom("A room needs a name, for example physics-101.")
    if len(name) > MAX_ROOM_NAME:
        raise InvalidRoom(f"A room name has at most {MAX_ROOM_NAME} characters.")
    for segment in name.split("/"):
        if not _SEGMENT.fullmatch(segment) or segment in (".", ".."):
            raise InvalidRoom(
                "A room name has letters, digits, '-', '_' and '.', "
                "with '/' between parts, for example course-101/lab-3."
            )
    return name
