"""Room-wide u16 media handles: each names one rendition of one stream, and has one owner.

A handle that was let go rests before it is given out again: frames sent before the sender
heard of it may still be under way, and must reach nobody as somebody else's picture.
"""

from __future__ import annotations

from collections import deque

HANDLES = 1 << 16
REST = 60.0
"""Seconds a released handle rests; longer than any socket keeps bytes alive unread."""


class NoHandles(Exception):
    """All handles are in use or resting."""


class HandlePool:
    """Gives out handles 1 to 65535 (0 is for frames of no handle: acknowledgements)."""

    def __init__(self, size: int = HANDLES) -> None:
        self._size = size
        self._next = 1
        self._owners: dict[int, str] = {}
        self._resting: deque[tuple[float, int]] = deque()
        self._former: dict[int, str] = {}
        self._free: deque[int] = deque()

    def take(self, owner: str, now: float) -> int:
        """Returns a handle that now belongs to ``owner``.

        Raises:
            NoHandles: none is free.
        """
        self._wake(now)
        if self._next < self._size:
            handle = self._next
            self._next += 1
        elif self._free:
            handle = self._free.popleft()
        else:
            raise NoHandles
        self._owners[handle] = owner
        return handle

    def free(self, now: float) -> int:
        """Returns how many handles could be taken."""
        self._wake(now)
        return self._size - self._next + len(self._free)

    def release(self, handle: int, now: float) -> None:
        """Lets a handle go; it rests, and its former owner's late frames are excused."""
        self._former[handle] = self._owners.pop(handle)
        self._resting.append((now + REST, handle))

    def owner(self, handle: int) -> str | None:
        """Returns who owns a handle now."""
        return self._owners.get(handle)

    def was_owned_by(self, handle: int, owner: str) -> bool:
        """Whether a resting handle belonged to ``owner``."""
        return self._former.get(handle) == owner

    def _wake(self, now: float) -> None:
        while self._resting and self._resting[0][0] <= now:
            _, handle = self._resting.popleft()
            del self._former[handle]
            self._free.append(handle)
