"""WebSocket close codes and what a client does about each."""

from __future__ import annotations

from enum import IntEnum
from typing import Literal

Remedy = Literal["stop", "new-ticket", "resume", "wait"]


class CloseCode(IntEnum):
    """Codes the relay closes a socket with."""

    RESTARTING = 1012
    TOO_SLOW = 1013
    BAD_FRAME = 4400
    BAD_TICKET = 4401
    NOT_ALLOWED = 4403
    NO_HELLO = 4408
    REPLACED = 4409
    REMOVED = 4410
    TOO_LARGE = 4413
    TOO_FAST = 4429


_REMEDIES: dict[int, Remedy] = {
    CloseCode.BAD_TICKET: "new-ticket",
    CloseCode.NO_HELLO: "resume",
    CloseCode.TOO_FAST: "wait",
}


def remedy(code: int) -> Remedy:
    """What a client does after a close with ``code``.

    4400 to 4499 are final except the three above; every other code, 1006 included,
    means: resume, with exponential back-off and full jitter.
    """
    if code in _REMEDIES:
        return _REMEDIES[code]
    return "stop" if 4400 <= code <= 4499 else "resume"


def is_final(code: int) -> bool:
    """Whether a client must not come back by itself."""
    return remedy(code) == "stop"
