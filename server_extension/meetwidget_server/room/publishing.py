"""The control side of media: who may publish, and what everyone is told of it."""

from __future__ import annotations

from meetwidget.wire.control import (
    Ack,
    Publish,
    StreamAdded,
    StreamRemoved,
    StreamUpdated,
    Unpublish,
    Watch,
)

from .answers import not_allowed, refuse_member
from .effects import Effects, Send
from .media import MediaPlane, TooManyStreams
from .members import Member, Roster


class Publishing:
    """``publish``, ``unpublish`` and ``watch``."""

    def __init__(self, roster: Roster, media: MediaPlane) -> None:
        self._roster = roster
        self._media = media

    def publish(self, member: Member, message: Publish, now: float) -> Effects:
        """A member offers a source, or offers it anew with other renditions."""
        if not member.rights.publish:
            return not_allowed(member, "publish", message.cid)
        try:
            stream, added, effects = self._media.publish(
                member.id, message.source, message.renditions, now
            )
        except TooManyStreams:
            return refuse_member(member, "too-many", "You publish too many streams.", message.cid)
        if member.muted and message.source == "microphone":
            effects += self._media.mute(member.id, True, now)
        ack = Ack(message.cid, stream=stream.id, handles=stream.handles)
        news = StreamAdded(stream.wire()) if added else StreamUpdated(stream.wire())
        return [
            Send((member.connection,), ack),
            Send(self._roster.listeners(), news),
            *effects,
        ]

    def unpublish(self, member: Member, message: Unpublish, now: float) -> Effects:
        """A member ends a stream of theirs."""
        effects = self._media.unpublish(member.id, message.stream, now)
        if effects is None:
            return refuse_member(member, "not-found", "You publish no such stream.", message.cid)
        return [
            Send((member.connection,), Ack(message.cid, stream=message.stream)),
            Send(self._roster.listeners(), StreamRemoved(message.stream)),
            *effects,
        ]

    def watch(self, member: Member, message: Watch, now: float) -> Effects:
        """A member says what they show, and how large."""
        return self._media.watch(member.id, message.streams, now)
