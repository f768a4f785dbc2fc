"""Who owns a link: what a connection tells, and whom."""

from __future__ import annotations

from typing import Protocol


class Owner(Protocol):
    """Who a link reports to. None of these is called from inside ``send`` or ``close``."""

    def on_text(self, payload: bytes) -> None:
        """A text message, valid UTF-8."""

    def on_binary(self, payload: bytes) -> None:
        """A binary message."""

    def on_drained(self) -> None:
        """Everything that had to wait for the peer to read has been written."""

    def link_ended(self, code: int, reason: str) -> None:
        """The connection is over; called exactly once, last of all."""
