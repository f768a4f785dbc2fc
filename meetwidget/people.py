"""Who is in a room, as a program sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import overload

from meetwidget.wire.control import By, Kind, Location, Participant, ParticipantState, Role, User


@dataclass(frozen=True, eq=False)
class Someone:
    """Somebody, as the relay's stamp on what they did says; readable long after they left.

    Equal is who has the same ``id``, whatever else is known of them.
    """

    id: str
    """Of their connection; one user may be in a room several times."""
    user: User
    kind: Kind

    @property
    def name(self) -> str:
        """The user's name: unique, not meant for display."""
        return self.user.name

    @property
    def display_name(self) -> str:
        """What to call them."""
        return self.user.display_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Someone) and other.id == self.id

    def __hash__(self) -> int:
        return hash(self.id)

    def __str__(self) -> str:
        return self.display_name

    @classmethod
    def of(cls, by: By) -> Someone:
        """Returns who a stamp names."""
        return Someone(by.id, by.user, by.kind)


@dataclass(frozen=True, eq=False, repr=False)
class Person(Someone):
    """A participant, as they were when asked for; ask :attr:`Room.people` again for news."""

    role: Role
    state: ParticipantState
    joined_at: datetime
    you: bool
    """Whether it is this very connection."""

    @property
    def hand(self) -> bool:
        """Whether their hand is up."""
        return self.state.hand

    @property
    def microphone(self) -> bool:
        """Whether their microphone is on."""
        return self.state.microphone

    @property
    def camera(self) -> bool:
        """Whether their camera is on."""
        return self.state.camera

    @property
    def screen(self) -> bool:
        """Whether they share their screen."""
        return self.state.screen

    @property
    def location(self) -> Location | None:
        """The notebook and cell where they are, if they tell."""
        told = self.state.location
        return told if isinstance(told, Location) else None

    @property
    def away(self) -> bool:
        """Whether their connection is lost, but may come back."""
        return self.state.away

    def looks_like(self, other: Person) -> bool:
        """Whether nothing that others see has changed."""
        return (self.user, self.role, self.state) == (other.user, other.role, other.state)

    def __repr__(self) -> str:
        marks = [
            mark
            for mark, on in (
                ("you", self.you),
                (self.role, self.role != "member"),
                ("camera", self.camera),
                ("microphone", self.microphone),
                ("screen", self.screen),
                ("hand up", self.hand),
                ("away", self.away),
            )
            if on
        ]
        if self.location is not None:
            marks.append(f"at {self.location.path}")
        return f"<{self.display_name}{': ' if marks else ''}{', '.join(marks)}>"

    @classmethod
    def from_wire(cls, participant: Participant, you: str) -> Person:
        """Returns the person a participant of the protocol is; ``you`` is our own id."""
        return Person(
            participant.id,
            participant.user,
            participant.kind,
            participant.role,
            participant.state,
            datetime.fromtimestamp(participant.joined_at / 1000, UTC),
            participant.id == you,
        )


class People(Sequence[Person]):
    """Everybody in a room, in order of joining; printed one to a line."""

    def __init__(self, people: Sequence[Person]) -> None:
        self._people = tuple(people)

    @overload
    def __getitem__(self, index: int) -> Person: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Person, ...]: ...
    def __getitem__(self, index: int | slice) -> Person | tuple[Person, ...]:
        return self._people[index]

    def __len__(self) -> int:
        return len(self._people)

    def __repr__(self) -> str:
        return "\n".join(repr(person) for person in self._people) or "(nobody)"
