"""The bot's picture: waves on a pond, a Lissajous figure and a clock, in NumPy."""

from __future__ import annotations

import math
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS = 640, 360, 20
COARSE = 2
"""The pond is computed at half size: a quarter of the work, and it is smooth anyway."""

_STOPS = np.array(
    # Dark sea to foam; perceptually even, so that wave height reads as brightness.
    [(8, 15, 45), (17, 45, 92), (24, 92, 128), (42, 145, 150), (130, 199, 170), (238, 240, 208)],
    np.float32,
)
_GLYPHS = {
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "11111 00010 00100 00010 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    ":": "00000 00100 00100 00000 00100 00100 00000",
}
_DOT = 5
"""Pixels of one dot of the clock's digits."""
_FIGURE = 58
"""Radius of the Lissajous figure, pixels."""


class Pond:
    """Draws the picture for any time; the same time gives the same picture."""

    def __init__(self) -> None:
        at = np.linspace(0, 1, 256) * (len(_STOPS) - 1)
        channels = [np.interp(at, np.arange(len(_STOPS)), _STOPS[:, c]) for c in range(3)]
        self._palette = np.stack(channels, axis=-1).astype(np.uint8)
        y, x = np.mgrid[0 : HEIGHT // COARSE, 0 : WIDTH // COARSE].astype(np.float32)
        self._x, self._y = x * COARSE, y * COARSE
        self._figure_at = (WIDTH - _FIGURE - 34, _FIGURE + 30)

    def draw(self, seconds: float, now: datetime) -> NDArray[np.uint8]:
        """Returns the picture, uint8 360 × 640 × 3 RGB.

        Args:
            seconds: how long the waves have been running.
            now: what the clock shows.
        """
        picture = self._waves(seconds)
        self._figure(picture, seconds)
        self._clock(picture, now)
        return picture

    def _waves(self, t: float) -> NDArray[np.uint8]:
        height = np.zeros_like(self._x)
        for index in range(3):
            turn = t * (0.11 + 0.05 * index) + index * 2.1
            cx = WIDTH * (0.5 + 0.38 * math.cos(turn))
            cy = HEIGHT * (0.5 + 0.36 * math.sin(turn * 1.3))
            distance = np.hypot(self._x - cx, self._y - cy)
            height += np.sin(distance / (15 + 4 * index) - t * (2.2 + 0.4 * index)) / (
                1 + distance / 170
            )
        level = np.clip(height * 52 + 124, 0, 255).astype(np.uint8)
        wide: NDArray[np.uint8] = self._palette.take(level.repeat(COARSE, axis=1), axis=0)
        return wide.repeat(COARSE, axis=0)

    def _figure(self, picture: NDArray[np.uint8], t: float) -> None:
        cx, cy = self._figure_at
        radius = _FIGURE + 16
        box = picture[cy - radius : cy + radius, cx - radius : cx + radius]
        box[:] = box // 3
        s = np.linspace(0, 2 * np.pi, 900)
        x = np.rint(cx + _FIGURE * np.sin(3 * s + t * 0.5)).astype(int)
        y = np.rint(cy + _FIGURE * np.sin(2 * s)).astype(int)
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                picture[y + dy, x + dx] = (255, 196, 92)
        now = t * 0.9
        px = round(cx + _FIGURE * math.sin(3 * now + t * 0.5))
        py = round(cy + _FIGURE * math.sin(2 * now))
        picture[py - 4 : py + 5, px - 4 : px + 5] = (255, 255, 255)

    def _clock(self, picture: NDArray[np.uint8], now: datetime) -> None:
        text = f"{now:%H:%M:%S}"
        left, top = 26, 26  # below, the name plate of a tile would cover it
        width = len(text) * 6 * _DOT
        box = picture[top - 12 : top + 7 * _DOT + 12, left - 12 : left + width + 7]
        box[:] = box // 3
        for index, character in enumerate(text):
            rows = [[int(bit) for bit in row] for row in _GLYPHS[character].split()]
            glyph = np.kron(np.array(rows), np.ones((_DOT, _DOT))).astype(bool)
            x = left + index * 6 * _DOT
            picture[top : top + glyph.shape[0], x : x + glyph.shape[1]][glyph] = (245, 248, 240)
