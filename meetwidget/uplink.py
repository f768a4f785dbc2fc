"""The one line that all own pictures of a room share, and what each of them may take of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple

from meetwidget.congestion import RateController
from meetwidget.flight import Line

LEAST_SHARE = 0.05
"""Of its bitrate; less makes no smaller pictures, so the rest is done by leaving pictures out."""


class Allowance(NamedTuple):
    """What the line bears now."""

    share: float
    """Part of the nominal bitrates to encode at, at most 1."""
    drop_upper: bool
    """Whether to leave the upper temporal layer out."""


class Uplink:
    """Judges the video line before each picture; one per room. Thread-safe."""

    def __init__(self, line: Callable[[], Line | None]) -> None:
        """``line`` tells what the line looks like; None while it is down."""
        self._line = line
        self._lock = threading.Lock()
        self._rate = RateController()
        self._loads: dict[object, float] = {}

    def load(self, source: object, bps: float) -> None:
        """Tells what a source would send on a good line, bits a second; 0 when nobody watches."""
        with self._lock:
            if bps > 0:
                self._loads[source] = bps
            else:
                self._loads.pop(source, None)

    def admit(self) -> Allowance | None:
        """Returns how a picture may be encoded now; None if it must not be."""
        line = self._line()
        if line is None:
            return None
        with self._lock:
            nominal = sum(self._loads.values())
            self._rate.update(line, nominal, time.monotonic())
            if self._rate.paused:
                return None
            return Allowance(self._share(nominal), self._rate.drop_upper)

    @property
    def share(self) -> float:
        """Part of the nominal bitrates that the line bears, at most 1."""
        with self._lock:
            return self._share(sum(self._loads.values()))

    def _share(self, nominal: float) -> float:
        return min(1.0, max(LEAST_SHARE, self._rate.target / max(1.0, nominal)))
