"""Which colours the numbers of a picture mean.

VP8 carries no colour space, and what is not declared is guessed: off by up to 40 of 255. So every
rendition declares one, and every picture is converted by what its rendition declares.
"""

from __future__ import annotations

from dataclasses import dataclass

import av

from meetwidget.wire.control import ColorSpace, Rendition

_reformatter = av.video.reformatter

SENT = ColorSpace(primaries="bt709", transfer="bt709", matrix="bt709", full_range=False)
"""What we encode: BT.709, limited range, which every browser converts the same way."""


@dataclass(frozen=True)
class Conversion:
    """Between Y'CbCr and RGB, in swscale's terms."""

    colorspace: int
    color_range: int


ENCODING = Conversion(_reformatter.Colorspace.ITU709, _reformatter.ColorRange.MPEG)


def conversion_of(rendition: Rendition) -> Conversion:
    """Returns how to convert a rendition's pictures; undeclared: BT.601 limited, as cameras are."""
    config = rendition.config
    space = getattr(config, "color_space", None)
    matrix, full = None, False
    if isinstance(space, ColorSpace):
        matrix, full = space.matrix, bool(space.full_range)
    spaces = _reformatter.Colorspace
    colorspace = {"bt709": spaces.ITU709, "bt2020-ncl": spaces.BT2020}.get(
        matrix or "", spaces.ITU601
    )
    ranges = _reformatter.ColorRange
    return Conversion(colorspace, ranges.JPEG if full else ranges.MPEG)
