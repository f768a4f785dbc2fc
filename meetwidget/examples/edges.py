"""Edges: shows the outlines in somebody's video as a tile of its own.

meetwidget bot examples/edges --room physics-101 --of "Ada Lovelace"
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from meetwidget import Bot, Message, Person, Room

GONE_SECONDS = 3.0
"""Without a picture for so long, the camera is off, and the tile goes."""
LUMA = np.array([0.299, 0.587, 0.114], np.float32)
INK, GLOW = np.array([14, 20, 40], np.float32), np.array([120, 225, 255], np.float32)
"""Colours of what is flat, and of the strongest edge."""

bot = Bot("Edge detector", "I show the outlines in somebody's camera picture.")
bot.option("--of", metavar="NAME", help="whose camera; by default the first that is on")
bot.option("--gain", type=float, default=2.5, help="how much faint edges are brightened")

chosen: dict[str, str] = {}
"""Whose camera, by the room's name, since somebody said so there; empty: nobody's."""


@bot.command("edges", "`me`, `off` or a name: whose picture to draw")
def choose(room: Room, message: Message, rest: str) -> None:
    """Changes whose picture is drawn."""
    who = "" if rest == "off" else message.by.name if rest in ("", "me") else room.person(rest).name
    chosen[room.name] = who


@bot.video(fps=15, source="data:edges")
def edges(room: Room) -> Iterator[NDArray[np.uint8]]:
    """Yields outlines as long as the same camera is on."""
    who = subject(room)
    if who is None:
        return
    watched = room.video[who, "camera"]
    watched.want(640, 360)
    try:
        for picture in watched.frames(GONE_SECONDS):
            yield outlines(picture, bot.options.gain)
            if subject(room) != who:
                return
    finally:
        watched.close()


def subject(room: Room) -> Person | None:
    """Returns whose camera to draw: who was named, or the first whose camera is on."""
    name = chosen.get(room.name, bot.options.of)
    people = [who for who in room.people if who.camera and who.kind != "kernel"]
    if name is not None:
        people = [who for who in people if name in (who.name, who.display_name)]
    return people[0] if people else None


def outlines(picture: NDArray[np.uint8], gain: float = 1.0) -> NDArray[np.uint8]:
    """Returns the strength of the edges (Sobel), uint8, as large as the picture."""
    grey = np.pad(picture @ LUMA, 1, mode="edge")
    across = grey[:, 2:] - grey[:, :-2]
    down = grey[2:] - grey[:-2]
    gx = across[:-2] + 2 * across[1:-1] + across[2:]
    gy = down[:, :-2] + 2 * down[:, 1:-1] + down[:, 2:]
    strength = np.clip(np.hypot(gx, gy) * (gain / 1020), 0, 1)[..., None]
    drawn: NDArray[np.uint8] = (INK + strength * (GLOW - INK)).astype(np.uint8)
    return drawn
