"""Guest links: how somebody without an account comes into one room for a while.

A link is a token of 256 bits in the fragment of a page's address, which browsers send to no
server and no log. Only its SHA-256 is kept, so that a stolen database lets nobody in.
"""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from dataclasses import dataclass

from meetwidget.wire.control import User
from meetwidget_server.identity import Identity, color, initials
from meetwidget_server.store import GuestLink

TOKEN_BYTES = 32
MAX_TOKEN = 64
"""Characters of a token that are worth hashing; a true one has 43."""
MAX_NAME = 40
SUFFIX = " (guest)"
_BLANK = frozenset("\u115f\u1160\u17b4\u17b5\u3164\uffa0")
"""Letters to Unicode, nothing to the eye."""
MIN_LIFETIME_S = 60
"""A shorter link is over before it is mailed."""
DAY_S = 24 * 60 * 60


class GuestRefused(Exception):
    """A link or a name that is no good; ``code`` for programs, the message for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class GuestRules:
    """What an administrator allows of guest links."""

    max_lifetime: int = DAY_S
    """Seconds."""
    links_per_room: int = 20
    """Links of one room that hold at once."""


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link to keep, and the token that is shown once."""

    link: GuestLink
    token: str


def make_link(
    room: str,
    created_by: str,
    now_ms: int,
    lifetime_s: int | None,
    rules: GuestRules,
    existing: list[GuestLink],
) -> NewLink:
    """Returns a new link for ``room``; whether its maker may is not decided here.

    Args:
        room: the only room that it opens.
        created_by: user name of the moderator who makes it.
        now_ms: ms since 1970.
        lifetime_s: how long it shall hold; ``None`` is as long as may be.
        rules: the administrator's.
        existing: the room's links so far.

    Raises:
        GuestRefused: ``invalid-field`` for a lifetime that is too short or too long,
            ``too-many`` when the room has all the links it may have.
    """
    seconds = rules.max_lifetime if lifetime_s is None else lifetime_s
    if not MIN_LIFETIME_S <= seconds <= rules.max_lifetime:
        raise GuestRefused(
            "invalid-field",
            f"A guest link holds for {MIN_LIFETIME_S} to {rules.max_lifetime} seconds here.",
        )
    if sum(holds(link, now_ms) for link in existing) >= rules.links_per_room:
        raise GuestRefused("too-many", "This room has many guest links already: end one first.")
    token = secrets.token_urlsafe(TOKEN_BYTES)
    link = GuestLink(
        id=secrets.token_hex(8),
        room=room,
        digest=digest(token),
        created_by=created_by,
        created_at=now_ms,
        expires_at=now_ms + seconds * 1000,
    )
    return NewLink(link, token)


def digest(token: str) -> bytes:
    """Returns what is kept of a token, by which its link is found."""
    return hashlib.sha256(token[:MAX_TOKEN].encode(errors="replace")).digest()


def holds(link: GuestLink, now_ms: int) -> bool:
    """Whether a link still opens its room."""
    return not link.revoked and link.created_at <= now_ms < link.expires_at


def check_link(link: GuestLink | None, now_ms: int) -> GuestLink:
    """Returns the link if it still opens its room; ask again while its guests are in.

    Raises:
        GuestRefused: ``bad-link``, in the same words whether it never was, has ended or was
            taken back, so that nobody learns which tokens once were good.
    """
    if link is None or not holds(link, now_ms):
        raise GuestRefused(
            "bad-link", "This guest link does not open a room any more. Ask for a new one."
        )
    return link


def guest_name(text: str) -> str:
    """Returns a guest's name as everybody sees it, with ``(guest)`` behind it.

    Raises:
        GuestRefused: ``invalid-name``: not 1 to 40 characters, nothing to read in it, or
            characters that show nothing or turn the text around.
    """
    name = " ".join(unicodedata.normalize("NFC", text[: MAX_NAME * 8]).split())
    if not 1 <= len(name) <= MAX_NAME:
        raise GuestRefused("invalid-name", f"Give a name of 1 to {MAX_NAME} characters.")
    readable = any(character.isalnum() for character in name)
    if not readable or not name.isprintable() or not _BLANK.isdisjoint(name):
        raise GuestRefused("invalid-name", "Give a name of letters that everybody can see.")
    marks = 0
    for character in name:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > 2:
            raise GuestRefused("invalid-name", "Give a name with fewer accents on one letter.")
    return name + SUFFIX


def guest_identity(name: str) -> Identity:
    """Returns the relay's stamp for a new guest.

    Args:
        name: what they call themself.

    Raises:
        GuestRefused: the name is no good, see :func:`guest_name`.
    """
    display = guest_name(name)
    key = f"guest:{secrets.token_hex(6)}"
    return Identity(
        User(
            name=key,
            display_name=display,
            initials=initials(display.removesuffix(SUFFIX)),
            color=color(key),
        ),
        "guest",
    )
