"""The encodings of one own picture source: sizes, bits, and what is wanted of each."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from meetwidget.media.colour import SENT
from meetwidget.media.vp8 import LAYERS, Vp8Encoder
from meetwidget.wire.control import CodecConfig, RenditionOffer

SMALLEST, LARGEST = 16, 4096
"""Pixels of a side that VP8 encodes in useful time."""
SMALLER_HEIGHTS = (180, 360)
"""Heights of the renditions for tiles, and for larger ones."""
WORTH_SCALING = 1.5
"""Only pictures at least so many times as high get such a smaller rendition as well."""
REFERENCE_BITRATE = 500_000
"""Bits a second for 640 × 360 at 24 pictures a second."""
KEY_EVERY_SECONDS = 10.0
"""A key frame at least this often while watched, for safety."""
KEY_LEAST_SECONDS = 0.5
"""Between key frames: whoever asks meanwhile is served by the next one."""


@dataclass
class OwnRendition:
    """One encoding, from its offer to its newest frame."""

    offer: RenditionOffer
    width: int
    height: int
    bitrate: int
    handle: int = -1
    on: bool = False
    """Whether anybody watches it."""
    key: bool = False
    """Whether somebody waits for a key frame."""
    sequence: int = 0
    base_count: int = 0
    encoder: Vp8Encoder | None = None
    key_at: float = field(default=-math.inf)

    def key_due(self, now: float) -> bool:
        """Whether the next picture must be a key frame."""
        age = now - self.key_at
        return age > KEY_EVERY_SECONDS or (self.key and age >= KEY_LEAST_SECONDS)

    def awaited(self, now: float) -> bool:
        """Whether somebody waits for their first picture: it is not the next one's turn, but now."""
        return self.encoder is None or (self.key and self.key_due(now))


def sizes(width: int, height: int) -> list[tuple[int, int]]:
    """Returns the renditions' sizes, smallest first."""
    smaller = [h for h in SMALLER_HEIGHTS if height >= WORTH_SCALING * h]
    widths = [max(SMALLEST, round(width * h / height / 2) * 2) for h in smaller]
    return [*zip(widths, smaller, strict=True), (width, height)]


def plan(width: int, height: int, fps: float) -> OwnRendition:
    """Returns an encoding of this size at the bitrate that fits it."""
    # Bits grow slower than pixels: neighbouring pixels of a larger picture resemble each other more.
    pixels = width * height * fps / (640 * 360 * 24)
    bitrate = round(min(4_000_000.0, max(80_000.0, REFERENCE_BITRATE * pixels**0.8)))
    offer = RenditionOffer(
        codec="vp8",
        width=width,
        height=height,
        fps=fps,
        bitrate=bitrate,
        config=CodecConfig(color_space=SENT, layers=LAYERS),
    )
    return OwnRendition(offer, width, height, bitrate)
