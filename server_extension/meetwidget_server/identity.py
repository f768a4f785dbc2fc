"""Who is it: the relay's stamp for people and kernels.

People are whoever the Jupyter server's IdentityProvider says. A kernel proves itself with
a secret that only the server's own processes inherit, or with the server's token; either
is usable by everyone with access to that server, so it is stamped as the kernel of the
server's owner and never as a person.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from jupyter_server.auth.identity import User as JupyterUser

from meetwidget.wire.control import Kind, User

_COLORS = (
    "#1f77b4",
    "#b5541a",
    "#2b7a2b",
    "#c23b3b",
    "#7d55a8",
    "#8c564b",
    "#b8479a",
    "#5a6b7b",
    "#6b7a16",
    "#0e7f8c",
    "#a3366b",
    "#4a5fc1",
)
"""Dark enough for white initials (contrast at least 4.5:1) and apart from each other."""


MAX_NAME = 64
"""Longest name that a kernel may choose, characters."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The relay's word for who holds a ticket."""

    user: User
    kind: Kind


def person(user: JupyterUser) -> Identity:
    """Returns the stamp of a signed-in person."""
    display = user.display_name or user.name or user.username
    stamp = User(
        name=user.username,
        display_name=display,
        initials=user.initials or initials(display),
        color=user.color or color(user.username),
    )
    if user.avatar_url:
        stamp.avatar_url = user.avatar_url
    return Identity(stamp, "person")


def kernel(owner: str) -> Identity:
    """Returns the stamp of a kernel of ``owner``, the account this server runs as."""
    display = f"{owner[:1].upper()}{owner[1:]} (kernel)"
    return Identity(
        User(
            name=owner,
            display_name=display,
            initials=initials(owner),
            color=color(owner),
        ),
        "kernel",
    )


def named(identity: Identity, name: str) -> Identity:
    """Returns the stamp of a kernel that chose its name, which still says whose kernel it is.

    Raises:
        ValueError: the name is empty, longer than MAX_NAME, or has what cannot be seen.
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise ValueError(f"A kernel's name has 1 to {MAX_NAME} visible characters.")
    user = identity.user
    display = f"{name} · {user.name} (kernel)"
    return Identity(
        User(user.name, display, initials(name), color(f"{user.name}/{name}")), identity.kind
    )


def initials(display_name: str) -> str:
    """Returns the first letters of the first and the last word, capitals."""
    words = display_name.split()
    if not words:
        return "?"
    letters = words[0][:1] + (words[-1][:1] if len(words) > 1 else words[0][1:2])
    return letters.upper()


def color(name: str) -> str:
    """Returns the same color for the same name, on every server."""
    return _COLORS[hashlib.sha256(name.encode()).digest()[0] % len(_COLORS)]


def kernel_secret(cookie_secret: bytes) -> str:
    """Returns what kernels of this server show; it lasts as long as the cookies do."""
    return hmac.new(cookie_secret, b"meetwidget kernel secret v1", hashlib.sha256).hexdigest()


def shows_secret(authorization: str | None, secret: str) -> bool:
    """Whether an Authorization header carries the kernels' secret."""
    scheme, _, value = (authorization or "").partition(" ")
    return scheme.lower() == "meet" and hmac.compare_digest(value.strip().encode(), secret.encode())
