"""A short moving clip in any codec, encoded by a process of its own.

SVT-AV1 run by root makes its process the most important of the machine (SCHED_FIFO, 99), and whatever
that starts later too: a test runner must not encode with it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS = 320, 180, 20
PICTURES = 12
ROOT = Path(__file__).resolve().parents[3]


def moving(index: int, width: int = WIDTH, height: int = HEIGHT) -> NDArray[np.uint8]:
    """Returns a picture whose colours wander with ``index``."""
    y, x = np.mgrid[0:height, 0:width]
    planes = [(x + 5 * index) % 256, (y * 2 + 3 * index) % 256, (x + y + index) % 256]
    return np.stack(planes, axis=-1).astype(np.uint8)


def encoded(encoder: str, options: dict[str, str]) -> list[bytes]:
    """Returns the packets of :data:`PICTURES` moving pictures."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.client.clip", encoder, json.dumps(options)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [bytes.fromhex(line) for line in done.stdout.decode().splitlines()]


def _encode(encoder: str, options: dict[str, str]) -> None:
    context = av.CodecContext.create(encoder, "w")
    assert isinstance(context, av.VideoCodecContext)
    context.width, context.height, context.pix_fmt = WIDTH, HEIGHT, "yuv420p"
    context.time_base, context.options = Fraction(1, FPS), options
    for index in range(PICTURES):
        frame = av.VideoFrame.from_ndarray(moving(index), format="rgb24")
        frame = frame.reformat(format="yuv420p")
        frame.pts, frame.time_base = index, Fraction(1, FPS)
        for packet in context.encode(frame):
            print(bytes(packet).hex())
    for packet in context.encode(None):
        print(bytes(packet).hex())


if __name__ == "__main__":
    _encode(sys.argv[1], json.loads(sys.argv[2]))
