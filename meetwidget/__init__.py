"""Meet inside your notebook: chat, voice and video for everyone who shares a Jupyter server.

In a notebook, ``%load_ext meetwidget`` and ``%meet join physics-101`` show a room. In Python,
``room = meetwidget.join("physics-101")`` takes part in one.

Names are imported when first used: the server imports :mod:`meetwidget.wire` alone.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from meetwidget.bots.bot import Bot
    from meetwidget.chat_history import Found
    from meetwidget.errors import (
        BadPicture,
        JoinFailed,
        JoinTimeout,
        MediaMissing,
        MeetError,
        NoFrame,
        NoRelay,
        NotAllowed,
        NotConnected,
        NotKept,
        Refused,
        TooFast,
        TooLarge,
        Unconfirmed,
    )
    from meetwidget.events import Event, Events
    from meetwidget.joining import join
    from meetwidget.magic import load_ipython_extension, unload_ipython_extension
    from meetwidget.messages import Ballot, File, Message, Messages, Reaction, Vote
    from meetwidget.people import Person
    from meetwidget.polls import Poll
    from meetwidget.room import Room
    from meetwidget.widget import MeetWidget
    from meetwidget.wire.rooms import InvalidRoom

    __version__: str

__all__ = [
    "BadPicture",
    "Ballot",
    "Bot",
    "Event",
    "Events",
    "File",
    "Found",
    "InvalidRoom",
    "JoinFailed",
    "JoinTimeout",
    "MediaMissing",
    "MeetError",
    "MeetWidget",
    "Message",
    "Messages",
    "NoFrame",
    "NoRelay",
    "NotAllowed",
    "NotConnected",
    "NotKept",
    "Person",
    "Poll",
    "Reaction",
    "Refused",
    "Room",
    "TooFast",
    "TooLarge",
    "Unconfirmed",
    "Vote",
    "__version__",
    "join",
    "load_ipython_extension",
    "unload_ipython_extension",
]

_HOMES = {
    "InvalidRoom": "wire.rooms",
    "MeetWidget": "widget",
    "Ballot": "messages",
    "Bot": "bots.bot",
    "Event": "events",
    "Events": "events",
    "File": "messages",
    "Found": "chat_history",
    "Message": "messages",
    "Messages": "messages",
    "Vote": "messages",
    "Person": "people",
    "Poll": "polls",
    "Reaction": "messages",
    "Room": "room",
    "join": "joining",
    "load_ipython_extension": "magic",
    "unload_ipython_extension": "magic",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return import_module("meetwidget.version").version()
    if name not in __all__:
        raise AttributeError(f"module 'meetwidget' has no attribute {name!r}")
    value = getattr(import_module(f"meetwidget.{_HOMES.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
