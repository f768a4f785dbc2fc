"""What one rendition costs, measured as it arrives, else as its sender announced it."""

from __future__ import annotations

from msgspec import UNSET

from meetwidget.wire.control import RenditionOffer

from .sequence import VideoSequence

FAST = 1.0
"""Seconds over which a change is followed."""
SLOW = 5.0
"""Seconds over which a peak is remembered: key frames, and screens that move now and then."""
WARM_UP = 1.0
"""Seconds of frames before a measurement is believed."""
REMEMBERED = 30.0
"""Seconds for which the bitrate of a rendition that is not encoded is taken from before."""
BASE_SHARE = 0.6
"""Share of the bytes in the lower layer of two, measured with VP8 L1T2."""
BITS_PER_PIXEL = 0.07
"""Of an unannounced bitrate: VP8 in real time at 180p to 720p."""
USUAL_FPS = 24.0
USUAL_HEIGHT = 360


def announced(offer: RenditionOffer) -> float:
    """Returns the bytes a second that an offer promises, or that its size makes likely."""
    if offer.bitrate is not UNSET:
        return offer.bitrate / 8
    height = offer.height if offer.height is not UNSET else USUAL_HEIGHT
    width = offer.width if offer.width is not UNSET else height * 16 / 9
    fps = offer.fps if offer.fps is not UNSET else USUAL_FPS
    return width * height * fps * BITS_PER_PIXEL / 8


class Bitrate:
    """The measured rate of one route, all layers and the upper ones; bytes a second."""

    __slots__ = ("_at", "_fast", "_on_for", "_seen", "_slow", "_upper", "_upper_seen")

    def __init__(self, now: float) -> None:
        self._at = now
        self._on_for = 0.0
        self._fast = self._slow = self._upper = 0.0
        self._seen = self._upper_seen = 0

    def measure(self, sequence: VideoSequence, on: bool, now: float) -> None:
        """Takes the counts of a route; to be called every tick while it is encoded."""
        passed = now - self._at
        grown = sequence.total_bytes - self._seen
        upper = sequence.upper_bytes - self._upper_seen
        if not on or passed <= 0:
            return
        self._at = now
        self._seen, self._upper_seen = sequence.total_bytes, sequence.upper_bytes
        if passed > REMEMBERED:
            self._on_for = 0.0
        if passed > FAST:  # it was off; what came meanwhile has nothing to do with that time
            return
        if not self._on_for:
            self._fast = self._slow = grown / passed
            self._upper = upper / passed
        self._on_for += passed
        # Until there is as much past as the average wants, the average is over what there is.
        self._fast += (grown / passed - self._fast) * passed / min(FAST, self._on_for)
        self._slow += (grown / passed - self._slow) * passed / min(SLOW, self._on_for)
        self._upper += (upper / passed - self._upper) * passed / min(SLOW, self._on_for)

    def levels(self, offer: RenditionOffer, now: float) -> tuple[float, float]:
        """Returns the bytes a second without and with the upper layer."""
        if self._on_for < WARM_UP or now - self._at > REMEMBERED:
            full = announced(offer)
            layers = UNSET if offer.config is UNSET else offer.config.layers
            layered = self._upper > 0 or (layers is not UNSET and layers > 1)
            return (full * BASE_SHARE if layered else full), full
        full = max(self._fast, self._slow)
        share = self._upper / self._slow if self._slow else 0.0
        return full * (1.0 - min(1.0, share)), full
