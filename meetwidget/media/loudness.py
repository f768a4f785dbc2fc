"""How loud a packet of sound is, and when silence need not be sent.

Every packet tells its level, so that the relay can let through the loudest few of many microphones,
and everybody can draw a ring, without decoding anything.
"""

from __future__ import annotations

import math

import numpy as np

from meetwidget.media.opus import PACKET_SAMPLES, RATE, Samples
from meetwidget.wire.media import SILENCE_DBOV

VOICE_DBOV = -50.0
"""What is louder counts as somebody speaking (or playing): quiet speech is at about -40."""
QUIET_DBOV = -70.0
"""What is softer is nothing: 16-bit sound at its last three bits."""
_PACKETS_PER_SECOND = RATE // PACKET_SAMPLES
HANGOVER_PACKETS = _PACKETS_PER_SECOND // 4
"""So much silence (250 ms) is still sent: pauses between words sound as they were."""
SPARSE_PACKETS = _PACKETS_PER_SECOND * 2 // 5
"""After that one packet of so many (400 ms), as Opus' own DTX does: listeners know that we live."""


def level_dbov(samples: Samples) -> float:
    """Returns the root mean square in dB relative to overload, -127 (silence) to 0."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    if power <= 0.0:
        return float(SILENCE_DBOV)
    return max(float(SILENCE_DBOV), min(0.0, 10.0 * math.log10(power)))


class SilenceGate:
    """Decides packet by packet what is sent: all sound, the start of silence, then a packet now and then."""

    def __init__(self) -> None:
        self._quiet = 0

    def admit(self, dbov: float) -> bool:
        """Whether to send a packet of this level."""
        if dbov > QUIET_DBOV:
            self._quiet = 0
            return True
        self._quiet += 1
        over = self._quiet - HANGOVER_PACKETS
        return over <= 0 or over % SPARSE_PACKETS == 0
