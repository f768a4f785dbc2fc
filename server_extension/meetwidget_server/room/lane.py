"""One handle at one receiver that does not simply get everything.

Where in the sequence of units the receiver is, and which units wait for them. The rules are
in :mod:`.queue`, which counts the bytes of all lanes together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from .route import Route
from .tally import DropReason

if TYPE_CHECKING:
    from .queue import ReceiverQueue


class Unit:
    """One encoded chunk on its way to one receiver: sent whole or not at all."""

    __slots__ = ("deadline", "frames", "queued", "since", "size", "started", "upper")

    def __init__(self, since: float, deadline: float, upper: bool) -> None:
        self.since = since
        self.frames: deque[bytes] = deque()
        self.size = 0
        self.deadline = deadline
        self.upper = upper
        self.started = False
        """Its first fragment was sent, so the rest must follow."""
        self.queued = False


class Lane:
    """One handle at one receiver: where in the sequence of units the receiver is."""

    __slots__ = (
        "arrived",
        "awaiting_key",
        "base_only",
        "capture",
        "current",
        "in_unit",
        "key_from",
        "leaving",
        "patient_until",
        "priority",
        "queue",
        "route",
        "skip",
        "slow",
        "synced",
        "units",
        "upper_dropped",
    )

    def __init__(self, queue: ReceiverQueue, route: Route, priority: int) -> None:
        self.queue = queue
        self.route = route
        self.priority = priority
        """0 to 9; the higher is given up later."""
        self.slow = False
        """Whether the route hands this lane frame by frame."""
        self.synced = False
        """Whether the fields below are kept: not while the fan-out passes by."""
        self.awaiting_key = False
        self.skip = False
        """The rest of the unit at hand is dropped."""
        self.base_only = False
        """The line is too narrow for the upper temporal layers."""
        self.patient_until = float("-inf")
        """Until when units may wait for a key frame that the line takes long to carry."""
        self.key_from = float("-inf")
        """When a key frame for this lane alone may be asked of the sender."""
        self.leaving = False
        """A smaller rendition is about to take over: not worth a key frame any more."""
        self.upper_dropped = False
        """Upper-layer units up to the next base unit are dropped."""
        self.in_unit = False
        self.capture = b""
        self.current: Unit | None = None
        self.units: deque[Unit] = deque()
        self.arrived: Callable[[float], None] | None = None
        """Called with the time when the key frame that the lane waited for is here."""

    @property
    def in_step(self) -> bool:
        """Whether every further frame can simply be passed on."""
        return not (
            self.awaiting_key or self.skip or self.upper_dropped or self.base_only or self.units
        )

    def promote(self) -> None:
        """In step again: the fan-out passes this lane by."""
        self.slow = self.synced = False
        self.current = None
        self.route.promote(self)

    def demote(self) -> None:
        """Out of step: this lane decides frame by frame."""
        if not self.slow:
            self.slow = self.synced = True
            self.route.demote(self)

    def drop(self, reason: DropReason, started_too: bool = False) -> int:
        """Drops what waits, but for a begun unit unless that too; returns the bytes it had."""
        return self._keep([unit for unit in self.units if unit.started and not started_too], reason)

    def drop_upper(self) -> int:
        """Drops waiting upper-layer units (a newer base unit is here); returns their bytes."""
        if not any(unit.upper for unit in self.units):
            return 0
        return self._keep([unit for unit in self.units if unit.started or not unit.upper], "layer")

    def _keep(self, kept: list[Unit], reason: DropReason) -> int:
        before = sum(unit.size for unit in self.units)
        frames = sum(len(unit.frames) for unit in self.units)
        self.route.tally.drops[reason] += frames - sum(len(unit.frames) for unit in kept)
        self.units = deque(kept)
        return before - sum(unit.size for unit in kept)
