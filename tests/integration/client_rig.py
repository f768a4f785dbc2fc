"""What the kernel client's integration tests share: a real Jupyter server and ways to wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import meetwidget
from meetwidget.room import Room
from tests.jupyter_process import JupyterProcess

Join = Callable[[str], Room]
JOIN_S = 60.0
"""A loaded machine may take its time."""


@contextmanager
def server_in(folder: Path) -> Iterator[JupyterProcess]:
    """A plain Jupyter server with the extension, in a process of its own."""
    with JupyterProcess(folder, program="jupyter_server") as server:
        yield server


@contextmanager
def joining(server: JupyterProcess) -> Iterator[Join]:
    """Lets a test join rooms of a server; everybody leaves at its end."""
    rooms: list[Room] = []

    def join(name: str) -> Room:
        room = meetwidget.join(name, url=server.url, token=server.token, timeout=JOIN_S)
        rooms.append(room)
        return room

    try:
        yield join
    finally:
        for room in rooms:
            room.leave()
