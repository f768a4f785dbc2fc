"""When a relay stops, its people are asked to come back, each at a moment of their own."""

from __future__ import annotations

import secrets

from msgspec import structs

from meetwidget.wire.control import Bye
from meetwidget_server.room import Effects, Send


def spread_out(effects: Effects, most_ms: int) -> Effects:
    """Gives each receiver of a ``bye`` a time of their own to come back.

    Args:
        effects: what rooms ask for at the end.
        most_ms: milliseconds over which they are spread; 0 leaves the effects as they are.
    """
    if not most_ms:
        return effects
    found: Effects = []
    for effect in effects:
        if isinstance(effect, Send) and isinstance(effect.message, Bye):
            bye = effect.message
            for one in effect.to:
                after_ms = (bye.after_ms or 0) + secrets.randbelow(most_ms)
                found.append(Send((one,), structs.replace(bye, after_ms=after_ms)))
        else:
            found.append(effect)
    return found
