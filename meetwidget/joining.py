"""How this process comes into rooms, and which it is in."""

from __future__ import annotations

import sys
import weakref

from meetwidget.discovery import discover
from meetwidget.errors import JoinFailed
from meetwidget.room import Room
from meetwidget.wire.rooms import check_room

JOIN_SECONDS = 15.0
"""Default wait for a room."""

_rooms: weakref.WeakSet[Room] = weakref.WeakSet()


def join(
    room: str,
    *,
    url: str | None = None,
    token: str | None = None,
    timeout: float = JOIN_SECONDS,
    replace: bool | None = None,
    name: str | None = None,
) -> Room:
    """Joins a room as this kernel, and returns it when live.

    Works in a notebook, a script or a terminal, from any thread, whatever else runs. The relay is
    found by ``url`` and ``token``, by the environment of a Jupyter kernel, or because exactly
    one Jupyter server of this user runs.

    Args:
        room: its name, for example ``physics-101``; it is made if it does not exist.
        url: a Jupyter server with meetwidget; an address copied from the browser will do.
        token: that server's token.
        timeout: seconds to wait.
        replace: whether an earlier join of this room by this process is left first, so that a cell
            that runs again does not bring the kernel in twice. The default: in IPython only.
        name: what to be called, where the server lets kernels choose: ``Quiz master``.

    Raises:
        InvalidRoom: the name.
        NoRelay: no server was found, or several; the message says what to do.
        JoinFailed: the server does not let us in; the message says why.
        JoinTimeout: it did not within ``timeout``.
    """
    check_room(room)
    endpoint = discover(url, token)
    if _interactive() if replace is None else replace:
        for earlier in living(room, endpoint.url):
            earlier.leave()
    joined = Room(endpoint, room, timeout, name)
    if name is not None and not joined.you.display_name.startswith(name.strip()):
        called = joined.you.display_name
        joined.leave()
        raise JoinFailed(
            f"This server is too old to let kernels choose a name: this one is {called}. "
            "Join without a name.",
            "no-names",
        )
    _rooms.add(joined)
    return joined


def living(name: str, url: str | None = None) -> list[Room]:
    """Returns this process's rooms of that name (and server) that have not ended."""
    return [
        room
        for room in list(_rooms)
        if room.name == name and url in (None, room.url) and room.phase.kind != "ended"
    ]


def _interactive() -> bool:
    ipython = sys.modules.get("IPython")
    return ipython is not None and ipython.get_ipython() is not None
