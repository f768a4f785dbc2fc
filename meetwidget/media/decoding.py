"""From one stream's media frames to pictures, whatever is lost on the way."""

from __future__ import annotations

import logging
from typing import Any

import av

from meetwidget.media.assembly import Selection, Unit
from meetwidget.media.codecs import decodes, open_decoder
from meetwidget.media.vp8 import TIME_BASE
from meetwidget.wire.control import Rendition
from meetwidget.wire.media import BadMediaFrame, FrameKind, parse, payload

KEY_PATIENCE_SECONDS = 1.0
"""How long to wait for a key frame before asking for one (again): the relay asks by itself for
what it left out, so only what was lost here is asked for."""

_log = logging.getLogger("meetwidget")


class Decoding:
    """Assembles, checks and decodes one stream. Not thread-safe."""

    def __init__(self) -> None:
        self._selection = Selection()
        self._decoder: Any = None
        self._made_for: tuple[int, str, int] | None = None
        self.undecodable: set[str] = set()
        """Codecs met so far for which there is no decoder here."""
        self._waiting_since: float | None = None

    def push(self, rendition: Rendition, frame: bytes) -> list[Any]:
        """Takes a media frame; returns the pictures (PyAV's) that it completes, mostly none or one.

        Their ``pts`` is when they were captured: µs since 1970, on the relay's clock.
        """
        try:
            header = parse(frame)
            if header.kind == FrameKind.AUDIO:
                return []
            unit = self._selection.push(header, payload(frame))
        except BadMediaFrame as error:
            _log.debug("An unreadable media frame was ignored: %s", error)
            return []
        return self._decode(rendition, unit) if unit is not None else []

    def key_due(self, now: float) -> bool:
        """Whether a key frame should be asked for: none came although nothing else is of use."""
        if not self._selection.waiting:
            self._waiting_since = None
        elif self._waiting_since is None:
            self._waiting_since = now
        elif now - self._waiting_since > KEY_PATIENCE_SECONDS:
            self._waiting_since = now
            return True
        return False

    def _decode(self, rendition: Rendition, unit: Unit) -> list[Any]:
        # A sender may change a rendition's codec in place: same handle, another configuration.
        makings = unit.header.handle, rendition.codec, unit.header.config
        if self._decoder is None or self._made_for != makings:
            if not unit.header.key:
                self._selection.lose()
                return []
            self._decoder, self._made_for = self._open(rendition), makings
            if self._decoder is None:
                return []
        try:
            packet = av.Packet(unit.data)
            packet.pts, packet.time_base = unit.header.capture_us, TIME_BASE
            return list(self._decoder.decode(packet))
        except av.FFmpegError as error:
            _log.debug("A picture could not be decoded: %s", error)
            self._decoder = None
            self._selection.lose()
            return []

    def _open(self, rendition: Rendition) -> Any:
        decoder = open_decoder(rendition.codec)
        if decoder is None and rendition.codec not in self.undecodable:
            self.undecodable.add(rendition.codec)
            _log.warning(
                "Pictures in %s cannot be decoded here; PyAV here decodes %s.",
                rendition.codec,
                ", ".join(decodes()),
            )
        return decoder
