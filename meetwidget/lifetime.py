"""Ends connections with the process, and keeps a forked child from using its parent's.

At exit everybody leaves, so that others see it at once instead of after the grace for a lost
connection. A forked child has neither the threads nor the right to the sockets: it closes its copies
of the descriptors (the parent's connection would otherwise stay half-open until the child ends),
without a word on the wire.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Iterable
from typing import Protocol


class Connection(Protocol):
    """What ends with the process."""

    def close(self, timeout: float = ...) -> None:
        """Leaves in an orderly way."""

    def abandon(self) -> None:
        """Lets go without a word, in a forked child."""


_living: set[Connection] = set()


def keep(connection: Connection) -> None:
    """Holds a connection until it is released or the process ends."""
    _living.add(connection)


def release(connection: Connection) -> None:
    """Forgets a connection that has ended."""
    _living.discard(connection)


def close_descriptors(descriptors: Iterable[int | None]) -> None:
    """Closes a forked child's copies of its parent's descriptors."""
    for descriptor in descriptors:
        if descriptor is not None and descriptor >= 0:
            with contextlib.suppress(OSError):
                os.close(descriptor)


@atexit.register
def _leave_all() -> None:
    for connection in list(_living):
        connection.close()


def _abandon_all() -> None:
    for connection in list(_living):
        connection.abandon()
    _living.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_abandon_all)
