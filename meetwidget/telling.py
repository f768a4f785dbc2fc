"""Tells callbacks what a change of the room means: who came and went, what the log's events did."""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet

from meetwidget.callbacks import Callbacks
from meetwidget.messages import Message, Reaction
from meetwidget.people import Person, Someone
from meetwidget.wire import control
from meetwidget.wire.control import LoggedEvent


def tell_people(
    callbacks: Callbacks,
    before: Mapping[str, Person],
    now: Mapping[str, Person],
    mine: AbstractSet[str],
) -> None:
    """Tells who left, joined or changed; ``mine`` are the participant ids that are or were us."""
    for id_, person in before.items():
        if id_ not in now and id_ not in mine:
            callbacks.emit("leave", person)
    for id_, person in now.items():
        old = before.get(id_)
        if old is None:
            if id_ not in mine:
                callbacks.emit("join", person)
        elif not old.looks_like(person):
            callbacks.emit("state", person)
            if old.hand != person.hand:
                callbacks.emit("hand", person)


def tell_event(
    callbacks: Callbacks, entry: LoggedEvent, message: Message | None, you: Someone
) -> None:
    """Tells what an event of the log did.

    Args:
        callbacks: who is told.
        entry: the event.
        message: which it is about, as it reads now; None: none, gone since, or older than what
            is held, about which only deletions and reactions are told.
        you: this participant.
    """
    event, by = entry.event, Someone.of(entry.by)
    if isinstance(event, control.ClearEvent):
        callbacks.emit("clear")
    elif isinstance(event, control.DeleteEvent):
        callbacks.emit("delete", event.id)
    elif isinstance(event, control.ReactionEvent):
        callbacks.emit("reaction", Reaction(event.emoji, by, event.id, event.on))
    elif message is None:
        return
    elif isinstance(event, control.MessageEvent):
        if not message.mine:
            _tell_message(callbacks, message, you)
    elif isinstance(event, control.EditEvent):
        callbacks.emit("edit", message)
    elif isinstance(event, control.VoteEvent):
        callbacks.emit("vote", message, by)
    elif isinstance(event, control.CloseEvent):
        callbacks.emit("close", message)
    elif isinstance(event, control.PinEvent):
        callbacks.emit("pin", message)


def _tell_message(callbacks: Callbacks, message: Message, you: Someone) -> None:
    callbacks.emit("message", message)
    if message.poll is not None:
        callbacks.emit("poll", message)
    if message.data is not None:
        callbacks.emit("share", message)
    for file in message.files:
        callbacks.emit("file", file)
    if message.mentioned(you):
        callbacks.emit("mention", message)
