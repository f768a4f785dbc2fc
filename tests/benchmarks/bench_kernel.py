"""How many pictures a kernel decodes: real footage, 640 × 360, from media frames to NumPy arrays.

``python -m tests.benchmarks.bench_kernel`` prints, for each codec that senders use and PyAV here
can also encode, pictures per second of one core's processor time:

- decoded: assembled from media frames, checked and decoded, as for every picture that arrives;
- as arrays: and converted to RGB arrays, as for every picture that is asked for.

and what that means: cameras at 24 pictures a second that one core carries. It measures, it does
not test: nothing here fails because a machine is slow.
"""

from __future__ import annotations

import argparse
import platform
import time
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np

from meetwidget.media.colour import SENT, conversion_of
from meetwidget.media.decoding import Decoding
from meetwidget.media.renditions import plan
from meetwidget.media.vp8 import Vp8Encoder
from meetwidget.wire.control import CodecConfig, Rendition
from meetwidget.wire.media import FrameKind, Header, flags, fragment
from tests import footage
from tests.benchmarks.__main__ import processor

WIDTH, HEIGHT, FPS = 640, 360, 24
PICTURES = 240
ENCODERS = {
    "vp09.00.30.08": (
        "libvpx-vp9",
        {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0"},
    ),
    "av01.0.04M.08": ("libsvtav1", {"preset": "12", "svtav1-params": "pred-struct=1:rc=2"}),
    "avc1.42E01F": (
        "libx264",
        {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline"},
    ),
}
"""Codec string of the protocol → an encoder that makes what browsers send."""


def pictures() -> list[av.VideoFrame]:
    """Returns ten seconds of a talking head."""
    arrays = [footage.enlarge(small) for small in footage.carphone_frames(PICTURES)]
    return [av.VideoFrame.from_ndarray(array, format="rgb24") for array in arrays]


def vp8_units(frames: list[av.VideoFrame]) -> Iterator[tuple[bytes, bool, int]]:
    """Yields what this package itself sends: data, whether a key frame, temporal layer."""
    encoder = Vp8Encoder(WIDTH, HEIGHT, FPS, plan(WIDTH, HEIGHT, FPS).bitrate)
    for index, frame in enumerate(frames):
        chunk = encoder.encode(frame, index * 1_000_000 // FPS, key=False)
        if chunk is not None:
            yield chunk.data, chunk.key, chunk.layer


def units(frames: list[av.VideoFrame], name: str, options: dict[str, str]) -> Iterator[Any]:
    """Yields what another encoder sends, in one layer."""
    codec = av.CodecContext.create(name, "w")
    codec.width, codec.height, codec.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, FPS), Fraction(FPS)
    codec.bit_rate, codec.gop_size, codec.max_b_frames = plan(WIDTH, HEIGHT, FPS).bitrate, 10**6, 0
    codec.options = options
    for index, frame in enumerate(frames):
        frame = frame.reformat(WIDTH, HEIGHT, "yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, FPS)
        yield from ((bytes(packet), packet.is_keyframe, 0) for packet in codec.encode(frame))
    yield from ((bytes(packet), packet.is_keyframe, 0) for packet in codec.encode(None))


def media_frames(sent: Iterator[tuple[bytes, bool, int]]) -> list[bytes]:
    """Returns the frames as they come from the relay."""
    sequence, base, frames = 0, 0, []
    for index, (data, key, layer) in enumerate(sent):
        base += layer == 0
        captured = index * 1_000_000 // FPS
        bits = flags(key=key, layer=layer)
        parts = fragment(Header(FrameKind.VIDEO, bits, 1, sequence, captured, base), data)
        sequence += len(parts)
        frames += parts
    return frames


def rate(frames: list[bytes], rendition: Rendition, use: Callable[[Any], object]) -> float:
    """Returns pictures per second of processor time."""
    decoding, count = Decoding(), 0
    began = time.process_time()
    for frame in frames:
        for picture in decoding.push(rendition, frame):
            count += 1
            use(picture)
    return count / (time.process_time() - began)


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="the median of so many is printed")
    options = parser.parse_args()
    shown = pictures()
    makers = {"vp8": lambda: vp8_units(shown)}
    for codec, (name, settings) in ENCODERS.items():
        if name in av.codecs_available:
            makers[codec] = lambda name=name, settings=settings: units(shown, name, settings)  # type: ignore[misc]
    print(f"{processor()}, Python {platform.python_version()}, PyAV {av.__version__}")
    print(f"{'codec':16}{'kbit/s':>8}{'decoded/s':>12}{'arrays/s':>12}{'cameras a core':>16}")
    for codec, make in makers.items():
        frames = media_frames(make())
        rendition = Rendition(codec=codec, handle=1, config=CodecConfig(color_space=SENT))
        conversion = conversion_of(rendition)

        def to_array(picture: Any, conversion: Any = conversion) -> object:
            return picture.reformat(
                format="rgb24",
                src_colorspace=conversion.colorspace,
                src_color_range=conversion.color_range,
            ).to_ndarray()

        uses: list[Callable[[Any], object]] = [lambda picture: None, to_array]
        decoded, arrays = (
            float(np.median([rate(frames, rendition, use) for _ in range(options.rounds)]))
            for use in uses
        )
        kilobits = sum(map(len, frames)) * 8 / (PICTURES / FPS) / 1000
        print(f"{codec:16}{kilobits:8.0f}{decoded:12.0f}{arrays:12.0f}{arrays / FPS:16.0f}")


if __name__ == "__main__":
    main()
