"""What a client is told when something is refused: a stable code and a sentence for people."""

from __future__ import annotations

import math

from msgspec import UNSET

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import BadFrame, Bye, Error, InvalidField, UnknownType

from .effects import Close, Effects, Send
from .members import Member
from .rate import TokenBucket
from .records import Connection


def refuse(
    connection: Connection,
    code: str,
    message: str,
    cid: str | None = None,
    retry_after: float | None = None,
) -> Effects:
    """Returns an ``error`` to one connection."""
    error = Error(
        code,
        message,
        UNSET if cid is None else cid,
        UNSET if retry_after is None else retry_after,
    )
    return [Send((connection,), error)]


def refuse_member(member: Member, code: str, message: str, cid: str | None = None) -> Effects:
    """Returns an ``error`` to a member, nothing if they have no connection now."""
    if not member.listening:
        return []
    return refuse(member.connection, code, message, cid)


def not_allowed(member: Member, what: str, cid: str | None = None) -> Effects:
    """Returns the answer to somebody whose role does not reach."""
    return refuse_member(member, "not-allowed", f"You may not {what} in this room.", cid)


def dismiss(
    connection: Connection, code: CloseCode, reason: str, *, reconnect: bool = False
) -> Effects:
    """Returns ``bye`` and the close that follows it."""
    return [
        Send((connection,), Bye(code, reason, reconnect)),
        Close(connection, code, reason),
    ]


def turn_away(connection: Connection, code: str, message: str) -> Effects:
    """Returns the answer to somebody who may not be in this room: ``error`` and close 4403."""
    return refuse(connection, code, message) + dismiss(connection, CloseCode.NOT_ALLOWED, message)


def throttle(
    bucket: TokenBucket, connection: Connection, cost: float, cid: str | None, now: float
) -> Effects:
    """Returns the answer to somebody who sends too much, nothing to anybody else.

    When ``bucket.exhausted``, the answer is the close of their connection.
    """
    wait = bucket.take(cost, now)
    if not wait:
        return []
    if bucket.exhausted:
        reason = "You send too much. Wait a moment."
        return dismiss(connection, CloseCode.TOO_FAST, reason, reconnect=True)
    wait = math.ceil(wait * 1000) / 1000  # never 0, which would say that one need not wait
    message = f"You send too fast. Try again in {math.ceil(wait * 10) / 10} s."
    return refuse(connection, "too-fast", message, cid, wait)


def explain(connection: Connection, error: ValueError) -> Effects:
    """Returns the answer to a frame that could not be read: an ``error``, or close 4400."""
    if isinstance(error, InvalidField):
        return refuse(connection, "invalid-field", f"Not understood: {error}.", error.cid)
    if isinstance(error, UnknownType):
        return refuse(connection, "unknown-type", f"Not understood: {error}.")
    reason = str(error) if isinstance(error, BadFrame) else "Not a message."
    return dismiss(connection, CloseCode.BAD_FRAME, reason)


def closes(effects: Effects) -> bool:
    """Whether these effects close a connection."""
    return any(isinstance(effect, Close) for effect in effects)
