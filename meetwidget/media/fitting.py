"""Brings pictures as programs have them to what a source shows: RGB of one size.

Libraries disagree about what a picture is: grey or with opacity, and a generator may change its
size half-way. A source that runs by itself has nobody to tell, so it takes what is clear.
"""

from __future__ import annotations

from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from meetwidget.errors import BadPicture
from meetwidget.media.renditions import LARGEST, SMALLEST

Pixels = NDArray[np.uint8]


def as_rgb(picture: Any, background: int = 0) -> Pixels:
    """Returns a picture as height × width × 3, RGB.

    Args:
        picture: uint8: grey (height × width), RGB, or RGB with opacity; anything that NumPy reads
            as such, for example a Pillow image.
        background: brightness of what shows through, 0 to 255.

    Raises:
        BadPicture: another shape or type.
    """
    pixels = np.asarray(picture)
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or pixels.size == 0:
        raise BadPicture(
            "A picture is uint8, height × width × 3, RGB; this one is "
            f"{pixels.dtype} of shape {pixels.shape}. Scale it to 0…255 and use .astype(np.uint8)."
        )
    if pixels.ndim == 2:
        return np.repeat(pixels[..., None], 3, axis=2)
    if pixels.shape[2] == 1:
        return np.repeat(pixels, 3, axis=2)
    if pixels.shape[2] == 4:
        share = pixels[..., 3:].astype(np.uint16)
        mixed = pixels[..., :3] * share + background * (255 - share)
        return ((mixed + 127) // 255).astype(np.uint8)
    if pixels.shape[2] != 3:
        raise BadPicture(f"A picture has 1, 3 or 4 channels; this one has shape {pixels.shape}.")
    return pixels


def size_of(picture: Pixels) -> tuple[int, int]:
    """Returns the width and height at which to publish a picture: its own, if they can be sent."""
    height, width = picture.shape[:2]
    scale = min(1.0, LARGEST / max(width, height))
    return max(SMALLEST, round(width * scale)), max(SMALLEST, round(height * scale))


def fit(picture: Pixels, width: int, height: int, background: int = 0) -> Pixels:
    """Returns a picture scaled into a size, whole and undistorted; bars are of ``background``."""
    if picture.shape[:2] == (height, width):
        return picture
    scale = min(width / picture.shape[1], height / picture.shape[0])
    w = min(width, max(1, round(picture.shape[1] * scale)))
    h = min(height, max(1, round(picture.shape[0] * scale)))
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
    scaled: Pixels = frame.reformat(w, h, "rgb24").to_ndarray().astype(np.uint8, copy=False)
    if (w, h) == (width, height):
        return scaled
    whole = np.full((height, width, 3), background, np.uint8)
    top, left = (height - h) // 2, (width - w) // 2
    whole[top : top + h, left : left + w] = scaled
    return whole
