"""VP8 for live pictures: real-time, error-resilient, two temporal layers, by libvpx through PyAV."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import av

from meetwidget.errors import MediaMissing
from meetwidget.media.colour import ENCODING

LAYERS = 2
BASE_SHARE = 0.6
"""Share of the bitrate that the base layer gets (measured: what L1T2 uses in browsers, too)."""
TIME_BASE = Fraction(1, 1_000_000)
LONGEST_PAUSE_US = 200_000
"""A picture after a longer pause gets no more bits than after this one: a line has no memory."""
ENDLESS = 1_000_000
"""Frames between key frames that the codec would insert by itself: never; they are asked for."""


def check_codec() -> None:
    """Raises MediaMissing if this PyAV was built without libvpx."""
    if "libvpx" not in av.codecs_available:
        raise MediaMissing(
            "This PyAV has no VP8 encoder: run `pip install --force-reinstall av`, whose wheels have one."
        )


@dataclass(frozen=True)
class Chunk:
    """One encoded picture."""

    data: bytes
    key: bool
    layer: int
    """Temporal layer."""


class Vp8Encoder:
    """Encodes pictures of one size. Not thread-safe; the first chunk is a key frame.

    The bitrate follows the line without a key frame: FFmpeg cannot tell a running libvpx another
    bitrate, but what libvpx spends on a picture is the bitrate times the picture's duration. So
    at half the bitrate the codec is told half of the time that has passed.
    """

    def __init__(self, width: int, height: int, fps: float, bitrate: int) -> None:
        self.width = width
        self.height = height
        self.fps = fps
        kilobits = max(1, bitrate // 1000)
        codec = av.CodecContext.create("libvpx", "w")
        codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
        codec.time_base = TIME_BASE
        codec.framerate = Fraction(fps).limit_denominator(1000)
        codec.bit_rate = bitrate
        codec.gop_size = ENDLESS
        codec.thread_count = 1
        codec.options = {
            "deadline": "realtime",
            "cpu-used": "8",
            "lag-in-frames": "0",
            "auto-alt-ref": "0",
            "error-resilient": "default",
            # Constant bitrate, and a buffer of 2 s: what is saved up must not be spent at once. Half
            # full at first, so that the first key frame may be a good picture.
            "minrate": str(bitrate),
            "maxrate": str(bitrate),
            "bufsize": str(2 * bitrate),
            "rc_init_occupancy": str(bitrate),
            # Pattern 2 is 0 1 0 1 …: upper frames are never referred to, so leaving them out
            # changes no base frame (tests/unit/client/test_vp8.py checks it bit by bit).
            "ts-parameters": (
                f"ts_number_layers={LAYERS}:ts_rate_decimator=2,1:ts_periodicity=2:"
                "ts_layer_id=0,1:ts_layering_mode=2:"
                f"ts_target_bitrate={max(1, int(kilobits * BASE_SHARE))},{kilobits}"
            ),
        }
        codec.open()
        self._codec = codec
        self._index = 0
        self._key_due = True
        self._captured_us: int | None = None
        self._told_us = 0.0

    def encode(
        self, picture: av.VideoFrame, capture_us: int, key: bool, share: float = 1.0
    ) -> Chunk | None:
        """Encodes an RGB picture of any size; None when the codec's rate control skips it.

        Args:
            picture: as PyAV holds it.
            capture_us: when it was taken.
            share: part of the bitrate to encode at from now on, more than 0, at most 1.
            key: a key frame is wanted. It comes in the next base slot, this picture's or the next's,
                since in an upper slot it would not refresh what later base frames refer to.
        """
        layer = self._index % LAYERS
        self._index += 1
        self._key_due = self._key_due or key
        frame = picture.reformat(
            self.width,
            self.height,
            "yuv420p",
            dst_colorspace=ENCODING.colorspace,
            dst_color_range=ENCODING.color_range,
        )
        frame.pts, frame.time_base = self._tell(capture_us, share), TIME_BASE
        # As long as the time to the last one, or libvpx takes a second to believe another rate.
        frame.duration = max(1, round(1e6 / self.fps * share))
        types = av.video.frame.PictureType
        frame.pict_type = types.I if self._key_due and layer == 0 else types.NONE
        packets = self._codec.encode(frame)
        if not packets:
            return None
        is_key = any(packet.is_keyframe for packet in packets)
        if is_key:
            self._key_due = False
        return Chunk(b"".join(bytes(p) for p in packets), is_key, 0 if is_key else layer)

    def _tell(self, capture_us: int, share: float) -> int:
        """Returns the time that the codec is told, µs; it grows with each picture."""
        if self._captured_us is not None:
            passed = min(LONGEST_PAUSE_US, capture_us - self._captured_us)
            self._told_us = max(self._told_us + passed * share, math.floor(self._told_us) + 1.0)
        self._captured_us = capture_us
        return math.floor(self._told_us)
