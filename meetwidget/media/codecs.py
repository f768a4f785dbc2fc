"""Which codecs this machine's PyAV decodes in time: what the hello says, what decoders are opened.

Senders choose a codec that everybody present decodes, so what is named here must be fast enough
for several pictures at once. Measured on one core of an ordinary server, 640 × 360: VP8 0.7,
VP9 0.9, AV1 0.9, H.264 0.7 ms a picture, none of them held back.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import av

FAMILIES = {"vp8": "vp8", "vp9": "vp9", "av1": "libdav1d", "h264": "h264", "opus": "libopus"}
"""Codec family of the protocol → decoder that is fast enough (FFmpeg's own AV1 needs a GPU)."""

_PREFIXES = {
    "vp8": "vp8",
    "vp08": "vp8",
    "vp9": "vp9",
    "vp09": "vp9",
    "av01": "av1",
    "avc1": "h264",
    "avc3": "h264",
}
"""What a rendition's codec string starts with, up to the first dot → its family."""


@cache
def decodes() -> tuple[str, ...]:
    """Returns the codec families that can be decoded here."""
    return tuple(family for family, name in FAMILIES.items() if name in av.codecs_available)


def family_of(codec: str) -> str | None:
    """Returns the family of a codec string such as ``vp09.00.10.08``; None if it is unknown."""
    return _PREFIXES.get(codec.split(".")[0].lower())


def open_decoder(codec: str) -> Any:
    """Returns a decoder for a rendition's pictures; None if they cannot be decoded here."""
    family = family_of(codec)
    if family is None or family not in decodes():
        return None
    decoder = av.CodecContext.create(FAMILIES[family], "r")
    # One thread and low delay: a decoder that works on several pictures at once holds them back.
    decoder.thread_count = 1
    decoder.flags |= av.codec.context.Flags.low_delay
    if family == "av1":
        decoder.options = {"max_frame_delay": "1"}
    return decoder
