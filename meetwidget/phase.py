"""Where a connection stands, and who hears what comes over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

from meetwidget.wire.control import FromRelay, Welcome

Lane = Literal["audio", "video"]
"""A media socket; ``video`` carries data, too."""


@dataclass(frozen=True)
class Phase:
    """Where a connection stands."""

    kind: Literal["joining", "live", "reconnecting", "ended"]
    reason: str = ""
    """One sentence for people."""
    code: str = ""
    """Stable identifier of why it ended, for example ``left`` or ``removed``."""


FORKED = Phase(
    "ended", "This process was forked from the one that joined; join again here.", "forked"
)


class Listener(Protocol):
    """Who hears what the relay says. Called on the connection's thread; must not block."""

    def on_welcome(self, welcome: Welcome, fresh: bool) -> None:
        """We are in; ``fresh`` when the relay does not know us from an earlier connection."""

    def on_message(self, message: FromRelay) -> None:
        """Anything else the relay says, acknowledgements aside."""

    def on_phase(self, phase: Phase) -> None:
        """The connection stands elsewhere."""

    def on_media(self, frame: bytes) -> None:
        """A media frame."""

    def on_lane_ready(self, lane: Lane) -> None:
        """Media of this lane reach the relay from now on."""

    def on_fork(self) -> None:
        """This is a forked child: locks that other threads may have held are to be made anew."""
