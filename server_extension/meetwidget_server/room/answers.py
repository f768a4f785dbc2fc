"""What a client is told when something is refused: a stable code and a sentence for people."""

from __future__ import annotations

from msgspec import UNSET

from meetwidget.wire.close import CloseCode
from meetwidget.wire.control import Bye, Error

from .effects import Close, Effects, Send
from .members import Member
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
