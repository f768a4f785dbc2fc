"""Opus at 48 kHz, mono, 20 ms a packet, through PyAV."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples a second."""
PACKET_SAMPLES = 960
"""20 ms."""
BITRATE = 32_000
"""Bits a second: transparent for speech."""

Samples = NDArray[np.float32]


class OpusEncoder:
    """Makes packets of 960 samples. Not thread-safe."""

    def __init__(self, bitrate: int = BITRATE) -> None:
        codec = av.CodecContext.create("libopus", "w")
        codec.sample_rate = RATE
        codec.layout = "mono"
        codec.format = "flt"
        codec.bit_rate = bitrate
        codec.time_base = Fraction(1, RATE)
        codec.options = {"application": "audio", "frame_duration": "20", "vbr": "on"}
        codec.open()
        self._codec = codec
        self._pts = 0

    def encode(self, samples: Samples) -> bytes | None:
        """Encodes exactly 960 samples; None while the codec still collects (first packet)."""
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="flt", layout="mono")
        frame.sample_rate = RATE
        frame.pts, frame.time_base = self._pts, Fraction(1, RATE)
        self._pts += PACKET_SAMPLES
        packets = self._codec.encode(frame)
        return b"".join(bytes(packet) for packet in packets) or None


class OpusDecoder:
    """Decodes packets, mono or stereo, to mono. Not thread-safe."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "r")
        codec.sample_rate = RATE
        codec.layout = "mono"
        self._codec = codec
        self._resampler = av.AudioResampler(format="flt", layout="mono", rate=RATE)

    def decode(self, packet: bytes) -> Samples:
        """Returns a packet's samples, float32 in -1…1."""
        parts = [
            resampled.to_ndarray().reshape(-1)
            for frame in self._codec.decode(av.Packet(packet))
            for resampled in self._resampler.resample(frame)
        ]
        if not parts:
            return np.zeros(0, np.float32)
        return np.concatenate(parts).astype(np.float32, copy=False)
