"""What can go wrong, each with a sentence for people and a class for programs."""

from __future__ import annotations


class MeetError(Exception):
    """Base of everything meetwidget raises on purpose."""

    code = "error"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        if code is not None:
            self.code = code


class NoRelay(MeetError):
    """No relay was found, or more than one and none was chosen."""

    code = "no-relay"


class JoinFailed(MeetError):
    """The relay was found, but the room could not be joined."""

    code = "join-failed"


class JoinTimeout(JoinFailed, TimeoutError):
    """The relay did not let us in before the timeout."""

    code = "join-timeout"


class NotConnected(MeetError):
    """The room was left, ended, or belongs to the process this one was forked from."""

    code = "not-connected"


class Unconfirmed(MeetError, TimeoutError):
    """The relay did not confirm a message in time; it may or may not be in the room."""

    code = "unconfirmed"


class Refused(MeetError):
    """The relay answered with an error; ``code`` is its stable identifier."""

    code = "refused"


class NotKept(Refused):
    """The relay could not write the message to the room's log; nobody has seen it."""

    code = "not-kept"


class NotAllowed(Refused):
    """This participant may not do that."""

    code = "not-allowed"


class TooLarge(Refused):
    """The message is larger than the relay accepts."""

    code = "too-large"


class TooFast(Refused):
    """Too many messages in a row; try again after ``after`` seconds."""

    code = "too-fast"

    def __init__(self, message: str, after: float = 1.0) -> None:
        super().__init__(message)
        self.after = after


class MediaMissing(MeetError, ImportError):
    """The optional media libraries (PyAV, NumPy) are not installed."""

    code = "media-missing"


class BadPicture(MeetError, ValueError):
    """An array that is not a picture, or not samples, of the announced shape and type."""

    code = "bad-picture"


class NoFrame(MeetError, TimeoutError):
    """Nothing was decoded before the timeout."""

    code = "no-frame"


_REFUSALS: dict[str, type[Refused]] = {kind.code: kind for kind in (NotKept, NotAllowed, TooLarge)}


def refusal(code: str, message: str, retry_after: float | None = None) -> Refused:
    """Returns the exception for a relay's ``error`` message."""
    if code == TooFast.code:
        after = 1.0 if retry_after is None else retry_after
        return TooFast(message, after)
    return _REFUSALS.get(code, Refused)(message, code)
