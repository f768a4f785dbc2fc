"""Erasing while meetings go on: what is gone from the log must also leave the screens."""

from __future__ import annotations

from meetwidget_server.relay import Relay

ERASED = "room-erased"
"""Code of the error that those who are in an erased room get."""


async def erase_room(relay: Relay, name: str) -> bool:
    """Puts everybody out of a room and forgets everything about it.

    Returns:
        False if there is no such room.

    Raises:
        NotKept: nothing was erased.
    """
    relay.send_home(name, ERASED, "This room was erased, with everything that was said in it.")
    erased = await relay.store.erase_room(name)
    relay.restart_room(name)  # somebody may have come back meanwhile
    return erased


async def erase_user(relay: Relay, name: str) -> list[str]:
    """Forgets a user and their kernels; meetings that show something of them begin anew.

    Whoever is in such a meeting is back after a moment, with the log as it is now.

    Returns:
        The rooms in which something was erased.

    Raises:
        NotKept: nothing was erased.
    """
    for room in await relay.store.rooms_of_user(name):
        relay.restart_room(room)
    changed = await relay.store.erase_user(name)
    for hosted in list(relay.live()):
        if hosted.name in changed and hosted.record is not None:
            record = await relay.store.find(hosted.name)
            if record is None or record.epoch != hosted.record.epoch:
                relay.restart_room(hosted.name)
    return changed
