"""The bot's tune: soft pentatonic notes that wander and never clash."""

from __future__ import annotations

import random

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
NOTE_SECONDS = 0.6
RING_SECONDS = 2.4
"""How long a note is heard; it overlaps the next ones."""
LOUDNESS = 0.045
"""Peak of one note: about -27 dB, well below a voice."""

_SCALE = [0, 2, 4, 7, 9]
_LOWEST_HERTZ = 261.63
_STEPS = 11
_REST = 0.3
"""Share of beats without a note."""


class Tune:
    """Plays beat by beat."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)  # noqa: S311 - a tune, not a secret
        self._step = 5
        self._ringing = np.zeros(int(RING_SECONDS * RATE), np.float32)

    def beat(self) -> NDArray[np.float32]:
        """Returns the next 0.6 s, float32 mono at 48 kHz."""
        if self._random.random() > _REST:
            self._step = min(
                _STEPS, max(0, self._step + self._random.choice([-2, -1, -1, 1, 1, 2]))
            )
            self._ringing += self._note(self._step)
        length = int(NOTE_SECONDS * RATE)
        heard = self._ringing[:length].copy()
        self._ringing = np.concatenate([self._ringing[length:], np.zeros(length, np.float32)])
        return heard

    def _note(self, step: int) -> NDArray[np.float32]:
        octave, degree = divmod(step, len(_SCALE))
        hertz = _LOWEST_HERTZ * 2 ** (octave + _SCALE[degree] / 12)
        t = np.arange(len(self._ringing)) / RATE
        swell = (
            np.minimum(t / 0.012, 1) * np.exp(-t * 2.4) * np.clip((RING_SECONDS - t) / 0.2, 0, 1)
        )
        wave = np.sin(2 * np.pi * hertz * t) + 0.25 * np.exp(-t * 5) * np.sin(
            2 * np.pi * 2 * hertz * t
        )
        return (LOUDNESS * swell * wave).astype(np.float32)
