"""A received picture: a NumPy array that knows when it was taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    _Pixels = np.ndarray[tuple[int, int, int], np.dtype[np.uint8]]
else:
    _Pixels = np.ndarray


class Picture(_Pixels):
    """Pixels, uint8, height × width × 3, RGB; an array of one's own, to be changed at will.

    Copies and parts of it carry the same times; what is computed from it is a plain array.
    """

    captured: float
    """When the camera took it: seconds since 1970, by the relay's clock."""
    delay: float
    """Seconds from there until it was decoded here, as well as the clocks agree (some ms)."""

    @classmethod
    def of(
        cls, pixels: np.ndarray[Any, np.dtype[np.uint8]], captured: float, delay: float
    ) -> Picture:
        """Returns the pixels, not copied, as a picture taken at ``captured``."""
        picture = pixels.view(cls)
        picture.captured, picture.delay = captured, delay
        return picture

    def __array_finalize__(self, source: object) -> None:
        self.captured = getattr(source, "captured", np.nan)
        self.delay = getattr(source, "delay", np.nan)

    def __array_wrap__(
        self, array: Any, context: object = None, return_scalar: bool = False
    ) -> Any:
        plain = np.asarray(array)
        return plain[()] if return_scalar or plain.ndim == 0 else plain
