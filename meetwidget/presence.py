"""The rooms that ``%meet`` is in: what is shown, and the kernel's own part, joined when needed."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from meetwidget.errors import MeetError
from meetwidget.joining import join, living
from meetwidget.room import Room


@dataclass
class Shown:
    """A room that was joined by ``%meet``."""

    name: str
    widget: Any = None
    """The last one that shows it; None: the kernel alone is in."""
    room: Room | None = None
    """The kernel's part, if ``%meet`` joined it."""
    alias: str | None = None
    """What the kernel is to be called there."""

    def kernel(self) -> Room:
        """Returns the kernel's part: the user's own, or one joined when first needed."""
        if self.room is not None and self.room.phase.kind != "ended":
            return self.room
        own = living(self.name)
        if own:
            return own[0]
        self.room = join(self.name, name=self.alias)
        return self.room

    def call(self, alias: str) -> None:
        """Has the kernel take part under this name from now on.

        Raises:
            MeetError: the user's own code brought it in under another one.
        """
        self.alias = alias
        self.close()
        for room in self.parts():
            raise MeetError(
                f"This kernel is in {self.name} as {room.you} already; leave there first, "
                "with room.leave().",
                "already-in",
            )

    def parts(self) -> list[Room]:
        """Returns the kernel's parts that have not ended."""
        return living(self.name)

    def close(self) -> None:
        """Takes the kernel out, if ``%meet`` brought it in."""
        if self.room is not None:
            self.room.leave()
            self.room = None


class Presence:
    """Rooms by name, in the order of joining; the last one is meant when none is named."""

    def __init__(self) -> None:
        self._shown: dict[str, Shown] = {}

    @property
    def names(self) -> list[str]:
        """All rooms, the one that is meant last."""
        return list(self._shown)

    def all(self) -> list[Shown]:
        """Returns all rooms, the one that is meant last."""
        return list(self._shown.values())

    def current(self) -> Shown:
        """Returns the room that is meant when none is named.

        Raises:
            MeetError: there is none.
        """
        if not self._shown:
            raise MeetError("You are in no room yet: %meet join ROOM comes first.", "no-room")
        return next(reversed(self._shown.values()))

    def enter(self, name: str) -> Shown:
        """Makes a room the one that is meant, and returns it."""
        shown = self._shown.pop(name, None) or Shown(name)
        self._shown[name] = shown
        return shown

    def leave(self, name: str) -> bool:
        """Leaves a room, kernel and browsers; False if it was not entered."""
        shown = self._shown.pop(name, None)
        if shown is None:
            return False
        shown.close()
        if shown.widget is not None:
            with contextlib.suppress(Exception):  # its output, and with it its comm, may be gone
                shown.widget.leave()
        return True

    def close(self) -> None:
        """Takes the kernel out of all rooms that ``%meet`` brought it into."""
        for shown in self._shown.values():
            shown.close()
