"""Published streams: what a participant offers, and the handles of its renditions."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from msgspec import UNSET

from meetwidget.wire.control import Rendition, RenditionOffer, Stream
from meetwidget.wire.media import FrameKind, MediaKind

from .route import Route

_CODES: dict[MediaKind, FrameKind] = {
    "audio": FrameKind.AUDIO,
    "video": FrameKind.VIDEO,
    "data": FrameKind.DATA,
}


_VIDEO_CODECS = ("vp8", "vp9", "vp09", "av01", "avc1", "avc3")


def media_kind(source: str, offers: Sequence[RenditionOffer]) -> MediaKind:
    """Returns the kind of a source's frames; a ``data:`` source that offers pictures is video."""
    if source in ("microphone", "screen-audio"):
        return "audio"
    if source in ("camera", "screen"):
        return "video"
    pictures = any(
        offer.width is not UNSET or offer.codec.split(".")[0] in _VIDEO_CODECS for offer in offers
    )
    return "video" if pictures else "data"


def frame_code(kind: MediaKind) -> int:
    """Returns the first byte of that kind's frames."""
    return int(_CODES[kind])


class PublishedStream:
    """One source of one participant, with a route for each rendition."""

    __slots__ = ("_heights", "_ladder", "id", "kind", "offers", "owner", "routes", "source")

    def __init__(self, id_: str, owner: str, source: str) -> None:
        self.id = id_
        self.owner = owner
        self.source = source
        self.offers: list[RenditionOffer] = []
        self.routes: list[Route] = []
        self.kind: MediaKind = media_kind(source, [])
        """The kind of its frames."""
        self._ladder: list[int] = []
        self._heights: list[int] = []

    def offer(self, offers: Sequence[RenditionOffer]) -> None:
        """Its renditions are these from here on; ``routes`` are to follow."""
        self.offers = list(offers)
        self.kind = media_kind(self.source, offers)
        heights = [0 if offer.height is UNSET else offer.height for offer in offers]
        self._ladder = sorted(range(len(offers)), key=lambda index: (heights[index], index))
        self._heights = [heights[index] for index in self._ladder]

    @property
    def handles(self) -> list[int]:
        """The handles in the order of the renditions."""
        return [route.handle for route in self.routes]

    def wire(self) -> Stream:
        """Returns what everyone is told of it."""
        return Stream(
            self.id,
            self.owner,
            self.source,
            [
                Rendition(
                    codec=offer.codec,
                    width=offer.width,
                    height=offer.height,
                    fps=offer.fps,
                    bitrate=offer.bitrate,
                    config=offer.config,
                    handle=route.handle,
                )
                for offer, route in zip(self.offers, self.routes, strict=True)
            ],
        )

    def ladder(self) -> list[int]:
        """Returns the renditions' indices, smallest picture first."""
        return self._ladder

    def rung(self, height: int) -> int:
        """Returns the place on the ladder that fits a tile of ``height`` pixels.

        The smallest rendition at least as high, else the largest.
        """
        return min(bisect_left(self._heights, height), len(self._heights) - 1)

    def costs(self, height: int, now: float) -> list[float]:
        """Returns the bytes a second of each level of a tile of ``height`` pixels.

        Two for each rung up to the one that fits: without, and with its upper layers.
        """
        costs: list[float] = []
        for index in self.ladder()[: self.rung(height) + 1]:
            costs += self.routes[index].bitrate.levels(self.offers[index], now)
        return costs
