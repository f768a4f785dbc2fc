"""What a guest's connection is known by: the digest of the link they came by, never the link."""

from __future__ import annotations

import hashlib
import hmac

from meetwidget_server.policy.guests import holds
from meetwidget_server.store import GuestLink

_PREFIX = "guest-link:"
MAX_PASS = 256
"""Characters of a guest's pass that are worth looking at."""


def guest_credential(link: GuestLink) -> str:
    """Returns the credential of a guest who came by ``link``."""
    return _PREFIX + link.digest.hex()


def guest_digest(credential: str) -> bytes | None:
    """Returns the digest of the link in a guest's credential; ``None``: it is a hub token."""
    if not credential.startswith(_PREFIX):
        return None
    return bytes.fromhex(credential.removeprefix(_PREFIX))


def link_holds(link: GuestLink | None, now: float) -> bool:
    """Whether a link still lets its guests be in.

    Args:
        link: the link as it is kept; ``None``: its room was erased.
        now: seconds since 1970.
    """
    return link is not None and holds(link, round(now * 1000))


def pass_for(name: str, link: GuestLink, secret: bytes) -> str:
    """Returns what makes a guest the same guest again, for as long as the link holds."""
    return f"{name}.{_seal(name, link, secret)}"


def known_guest(shown: object, link: GuestLink, secret: bytes) -> str | None:
    """Returns the name that :func:`pass_for` was made for; ``None`` if it was not made here."""
    if not isinstance(shown, str) or len(shown) > MAX_PASS:
        return None
    name, _, seal = shown.rpartition(".")
    expected = _seal(name, link, secret)
    return name if hmac.compare_digest(seal.encode(errors="replace"), expected.encode()) else None


def _seal(name: str, link: GuestLink, secret: bytes) -> str:
    said = b"\0".join((b"meetwidget guest v1", link.digest, name.encode(errors="replace")))
    return hmac.new(secret, said, hashlib.sha256).hexdigest()
