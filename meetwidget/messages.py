"""What a program sees of the chat: messages, and what people do to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, overload

from meetwidget.people import Someone
from meetwidget.wire.control import FileRef, Location, Mention, Poll, User
from meetwidget.wire.fold import Reading
from meetwidget.wire.share import CELL_MIME


@dataclass(frozen=True)
class Vote:
    """What somebody chose in a poll."""

    by: Someone
    options: tuple[str, ...]


@dataclass(frozen=True)
class Ballot:
    """A poll as it stands; the question is the message's body."""

    options: tuple[str, ...]
    multiple: bool
    """Whether one may choose several."""
    votes: tuple[Vote, ...]
    """One for each voter, in the order in which they chose."""
    closed: bool

    @property
    def results(self) -> dict[str, int]:
        """Votes for each option, in the order of the options."""
        counts = dict.fromkeys(self.options, 0)
        for vote in self.votes:
            for option in vote.options:
                counts[option] += 1
        return counts


@dataclass(frozen=True)
class File:
    """A file of the chat."""

    id: str
    name: str
    type: str
    """MIME type that the relay found in the content."""
    size: int
    """Bytes."""
    width: int | None = None
    """Of an image, pixels."""
    height: int | None = None
    message: str | None = None
    """The message it came with; None: not sent yet."""
    by: Someone | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        return f"{self.name} ({self.type}, {_bytes(self.size)})"

    @classmethod
    def of(cls, ref: FileRef) -> File:
        """Returns the file that a reference of the protocol names."""
        return File(
            ref.id,
            ref.name,
            ref.type,
            ref.size,
            ref.width if isinstance(ref.width, int) else None,
            ref.height if isinstance(ref.height, int) else None,
        )


@dataclass(frozen=True)
class Message:
    """A chat message."""

    id: str
    body: str
    """Markdown."""
    by: Someone
    at: datetime
    """When the relay kept it; UTC."""
    offset: int
    """Place in the room's log."""
    mine: bool = False
    """Whether this connection wrote it."""
    reply_to: str | None = None
    to: tuple[str, ...] | None = None
    """Participant ids of a private message; None for everyone."""
    data: dict[str, Any] | None = None
    """A MIME bundle."""
    edited: bool = False
    reactions: dict[str, tuple[Someone, ...]] = field(default_factory=dict)
    """Who put which emoji on it."""
    poll: Ballot | None = None
    files: tuple[File, ...] = ()
    mentions: tuple[Mention, ...] = ()
    location: Location | None = None
    """The notebook and cell that it points at, or from which its data come."""
    pinned: bool = False
    readers: tuple[User, ...] | None = None
    """Who besides the author may read a private message; None for everyone."""

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return f"{self.at.astimezone():%H:%M} {self.by}{self._privately()}: {self.gist}"

    @property
    def gist(self) -> str:
        """The body, and in brackets what comes with it, for people who read text only."""
        extras = [str(file) for file in self.files]
        if self.poll is not None:
            counts = ", ".join(f"{text}: {n}" for text, n in self.poll.results.items())
            extras.append(f"poll{', closed' if self.poll.closed else ''}: {counts}")
        if self.data:
            extras.append(_shared(self.data))
        return " ".join([*filter(None, [self.body]), *(f"[{extra}]" for extra in extras)])

    def mentioned(self, who: Someone) -> bool:
        """Whether it names somebody; a kernel has its owner's name, so it must be the one meant."""
        return any(
            mention.name == who.name and (who.kind != "kernel" or mention.text == who.display_name)
            for mention in self.mentions
        )

    def _privately(self) -> str:
        if self.to is None:
            return ""
        names = ", ".join(user.display_name for user in self.readers or ())
        return f" (privately to {names})" if names else " (privately)"

    def __repr__(self) -> str:
        return f"<{self}>"


class Messages(Sequence[Message]):
    """Messages, oldest first; printed one to a line."""

    def __init__(self, messages: Sequence[Message] = ()) -> None:
        self._messages = tuple(messages)

    @overload
    def __getitem__(self, index: int) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Messages: ...
    def __getitem__(self, index: int | slice) -> Message | Messages:
        if isinstance(index, slice):
            return Messages(self._messages[index])
        return self._messages[index]

    def __len__(self) -> int:
        return len(self._messages)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Messages | list | tuple) and list(other) == list(self)

    def __hash__(self) -> int:
        return hash(self._messages)

    def __repr__(self) -> str:
        return "\n".join(map(str, self)) or "(nothing said yet)"


@dataclass(frozen=True)
class Reaction:
    """An emoji, put on a message, taken off it, or just shown to all."""

    emoji: str
    by: Someone
    message: str | None = None
    """The message's id; None when it is not about a message."""
    on: bool = True


def message_of(reading: Reading, mine: frozenset[str] = frozenset()) -> Message:
    """Returns what a program sees of a message as it reads now.

    Args:
        reading: of the room's log.
        mine: participant ids that are us.
    """
    event = reading.event
    by, at = Someone.of(reading.by), datetime.fromtimestamp(reading.at / 1000, UTC)
    refs = event.files if isinstance(event.files, list) else []
    return Message(
        id=event.id,
        body=reading.body,
        by=by,
        at=at,
        offset=reading.offset,
        mine=reading.by.id in mine,
        reply_to=event.reply_to if isinstance(event.reply_to, str) else None,
        to=tuple(event.to) if isinstance(event.to, list) else None,
        data=event.data if isinstance(event.data, dict) else None,
        edited=reading.edited_at is not None,
        reactions={
            emoji: tuple(Someone.of(who) for who in people)
            for emoji, people in reading.reactions.items()
        },
        poll=_ballot(reading),
        files=tuple(_file(ref, event.id, by, at) for ref in refs),
        mentions=tuple(event.mentions) if isinstance(event.mentions, list) else (),
        location=event.location if isinstance(event.location, Location) else None,
        pinned=reading.pinned,
        readers=tuple(event.readers) if isinstance(event.readers, list) else None,
    )


def _ballot(reading: Reading) -> Ballot | None:
    poll = reading.event.poll
    if not isinstance(poll, Poll):
        return None
    options = tuple(poll.options)
    votes = tuple(
        Vote(Someone.of(voice.by), tuple(options[i] for i in voice.options if i < len(options)))
        for voice in reading.votes
    )
    return Ballot(options, poll.multiple, votes, reading.closed)


def _file(ref: FileRef, message: str, by: Someone, at: datetime) -> File:
    file = File.of(ref)
    return File(file.id, file.name, file.type, file.size, file.width, file.height, message, by, at)


def _shared(data: Mapping[str, Any]) -> str:
    if CELL_MIME in data:
        return "shared cell"
    types = [mime for mime in data if mime != "text/plain"]
    return f"shared {', '.join(types)}" if types else f"shared {data.get('text/plain', 'data')}"


def _bytes(size: int) -> str:
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.3g} {unit}"
        size = size / 1000  # type: ignore[assignment]
    return f"{size:.3g} GB"
