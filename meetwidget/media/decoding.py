"""From one stream's media frames to pictures, whatever is lost on the way."""

from __future__ import annotations

import logging
from typing import Any

import av

from meetwidget.media.assembly import Selection, Unit
from meetwidget.wire.control import Rendition
from meetwidget.wire.media import BadMediaFrame, FrameKind, parse, payload

KEY_PATIENCE_SECONDS = 1.0
"""How long to wait for a key frame before asking for one (again): the relay asks by itself for
what it left out, so only what was lost here is asked for."""

_DECODERS = {"vp8": "vp8", "vp9": "vp9", "vp09": "vp9", "avc1": "h264", "av01": "libdav1d"}
_log = logging.getLogger("meetwidget")


class Decoding:
    """Assembles, checks and decodes one stream. Not thread-safe."""

    def __init__(self) -> None:
        self._selection = Selection()
        self._decoder: Any = None
        self._handle: int | None = None
        self._unknown: set[str] = set()
        self._waiting_since: float | None = None

    def push(self, rendition: Rendition, frame: bytes) -> list[Any]:
        """Takes a media frame; returns the pictures (PyAV's) that it completes, mostly none or one."""
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
        if self._decoder is None or self._handle != unit.header.handle:
            self._decoder, self._handle = self._open(rendition), unit.header.handle
            if self._decoder is None:
                return []
        try:
            return list(self._decoder.decode(av.Packet(unit.data)))
        except av.FFmpegError as error:
            _log.debug("A picture could not be decoded: %s", error)
            self._decoder = None
            self._selection.lose()
            return []

    def _open(self, rendition: Rendition) -> Any:
        name = _DECODERS.get(rendition.codec.split(".")[0])
        if name is None:
            if rendition.codec not in self._unknown:
                self._unknown.add(rendition.codec)
                _log.warning("Pictures in %s cannot be decoded here.", rendition.codec)
            return None
        decoder = av.CodecContext.create(name, "r")
        decoder.thread_count = 1
        return decoder
