"""Codecs through PyAV: what is encoded is what the protocol promises, what others send is decoded."""

from __future__ import annotations

from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from meetwidget.media.codecs import decodes, family_of, open_decoder
from meetwidget.media.colour import SENT, conversion_of
from meetwidget.media.opus import PACKET_SAMPLES, RATE, OpusDecoder, OpusEncoder
from meetwidget.media.vp8 import Chunk, Vp8Encoder
from meetwidget.wire.control import CodecConfig, ColorSpace, Rendition
from tests import footage
from tests.unit.client.clip import FPS, HEIGHT, WIDTH, encoded, moving


def encode(pictures: list[NDArray[np.uint8]], keys: set[int] = frozenset()) -> list[Chunk]:  # type: ignore[assignment]
    height, width = pictures[0].shape[:2]
    encoder = Vp8Encoder(width, height, FPS, 400_000)
    chunks = []
    for index, picture in enumerate(pictures):
        frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
        chunk = encoder.encode(frame, 1_000_000 + index * 50_000, index in keys)
        assert chunk is not None
        chunks.append(chunk)
    return chunks


def decode(chunks: list[Chunk]) -> list[Any]:
    decoder = av.CodecContext.create("vp8", "r")
    return [frame for chunk in chunks for frame in decoder.decode(av.Packet(chunk.data))]


def rendition(space: ColorSpace | None) -> Rendition:
    config = CodecConfig(color_space=space) if space is not None else CodecConfig()
    return Rendition(codec="vp8", config=config, handle=1)


def rgb(frame: Any, space: ColorSpace | None = SENT) -> NDArray[np.uint8]:
    how = conversion_of(rendition(space))
    picture: NDArray[np.uint8] = frame.reformat(
        format="rgb24", src_colorspace=how.colorspace, src_color_range=how.color_range
    ).to_ndarray()
    return picture


def test_the_first_chunk_is_a_key_frame_and_layers_alternate() -> None:
    """A receiver can start at once, and half of the frames may be left out."""
    chunks = encode([moving(i) for i in range(8)])
    assert [chunk.key for chunk in chunks] == [True] + [False] * 7
    assert [chunk.layer for chunk in chunks] == [0, 1] * 4


@pytest.mark.parametrize("asked", [20, 21])
def test_without_the_upper_layer_base_pictures_are_the_same_bit_by_bit(asked: int) -> None:
    """Dropping layer 1 changes nothing in layer 0, before and after a key frame, wherever asked."""
    chunks = encode([moving(i) for i in range(40)], keys={asked})
    assert [i for i, chunk in enumerate(chunks) if chunk.key] == [0, 20 + 2 * (asked - 20)]
    whole = decode(chunks)
    base = decode([chunk for chunk in chunks if chunk.layer == 0])
    wanted = [frame for frame, chunk in zip(whole, chunks, strict=True) if chunk.layer == 0]
    assert len(base) == len(wanted) == 20
    for one, other in zip(wanted, base, strict=True):
        assert np.array_equal(one.to_ndarray(), other.to_ndarray())


def test_a_picture_of_odd_size_survives() -> None:
    """Arrays of a simulation need not have even sides."""
    picture = np.full((101, 67, 3), (200, 40, 90), np.uint8)
    (frame,) = decode(encode([picture]))
    assert rgb(frame).shape == picture.shape
    assert np.abs(rgb(frame).astype(int) - picture).max() < 12


@pytest.mark.parametrize(
    "colour", [(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255), (0, 0, 0), (70, 110, 160)]
)
def test_colours_arrive_as_declared(colour: tuple[int, int, int]) -> None:
    """BT.709 in, BT.709 out: no channel is off by more than rounding and quantisation."""
    (frame,) = decode(encode([np.full((64, 64, 3), colour, np.uint8)]))
    assert np.abs(rgb(frame).astype(int) - colour).max() <= 6


def test_the_declaration_is_what_decides() -> None:
    """The same numbers mean other colours in BT.601 and in full range."""
    (frame,) = decode(encode([np.full((64, 64, 3), (0, 200, 0), np.uint8)]))
    right = rgb(frame).astype(int)
    for space in (
        None,
        ColorSpace(matrix="smpte170m"),
        ColorSpace(matrix="bt709", full_range=True),
    ):
        assert np.abs(rgb(frame, space).astype(int) - right).max() > 10
    assert np.array_equal(rgb(frame, ColorSpace(matrix="smpte170m")), rgb(frame, None))


def test_footage_stays_recognisable() -> None:
    """A talking head at 400 kbit/s keeps at least 30 dB."""
    pictures = [footage.enlarge(p, WIDTH, HEIGHT) for p in footage.carphone_frames(20)]
    frames = decode(encode(pictures))
    error = np.mean((rgb(frames[-1]).astype(float) - pictures[-1]) ** 2)
    assert 10 * np.log10(255**2 / error) > 30


def test_a_tone_survives_opus() -> None:
    """What is decoded has the pitch and the level of what was encoded."""
    t = np.arange(RATE) / RATE
    tone = (0.25 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    encoder, decoder = OpusEncoder(), OpusDecoder()
    packets = [encoder.encode(tone[i : i + PACKET_SAMPLES]) for i in range(0, RATE, PACKET_SAMPLES)]
    heard = np.concatenate([decoder.decode(packet) for packet in packets if packet])
    assert len(heard) >= RATE - 2 * PACKET_SAMPLES
    spectrum = np.abs(np.fft.rfft(heard[:40_000]))
    assert abs(np.argmax(spectrum) * RATE / 40_000 - 440) < 2
    assert abs(heard[5000:30_000].std() - 0.25 / np.sqrt(2)) < 0.02


def test_the_bitrate_follows_without_a_key_frame() -> None:
    """Half the bitrate is half the bytes within a second, and comes back as soon."""
    pictures = [footage.enlarge(p) for p in footage.carphone_frames(60)]
    frames = [av.VideoFrame.from_ndarray(p, format="rgb24") for p in pictures]
    encoder = Vp8Encoder(640, 360, FPS, 300_000)
    bits, keys = [], 0
    for index in range(10 * FPS):
        share = 0.3 if 4 * FPS <= index < 7 * FPS else 1.0
        turn, place = divmod(index, len(frames))
        frame = frames[place if turn % 2 == 0 else -1 - place]
        chunk = encoder.encode(frame, index * 50_000, False, share)
        assert chunk is not None
        bits.append(8 * len(chunk.data))
        keys += chunk.key
    full, low, again = (sum(bits[s * FPS : (s + 2) * FPS]) / 2 for s in (2, 5, 8))
    assert keys == 1, "the first picture"
    assert 0.8 * 300_000 < full < 1.15 * 300_000
    assert 0.7 * 90_000 < low < 1.4 * 90_000
    assert 0.7 * 300_000 < again < 1.15 * 300_000


@pytest.mark.parametrize(
    ("codec", "family"),
    [
        ("vp8", "vp8"),
        ("vp09.00.10.08", "vp9"),
        ("av01.0.04M.08", "av1"),
        ("avc1.42E01F", "h264"),
        ("hev1.1.6.L93", None),
        ("", None),
    ],
)
def test_codec_strings_of_browsers_are_known(codec: str, family: str | None) -> None:
    """What WebCodecs calls a codec names its family here; other strings are no codec."""
    assert family_of(codec) == family
    assert (open_decoder(codec) is None) == (family is None)


def test_all_codecs_of_the_protocol_are_decoded_here() -> None:
    """PyAV's wheels bring every decoder; senders are told so in the hello."""
    assert set(decodes()) == {"vp8", "vp9", "av1", "h264", "opus"}


@pytest.mark.parametrize(
    ("encoder", "codec", "options"),
    [
        ("libvpx-vp9", "vp09.00.10.08", {"deadline": "realtime", "lag-in-frames": "0"}),
        ("libx264", "avc1.64001F", {"tune": "zerolatency", "preset": "ultrafast"}),
        ("libsvtav1", "av01.0.04M.08", {"preset": "12"}),
    ],
)
def test_every_picture_comes_out_at_once(encoder: str, codec: str, options: dict[str, str]) -> None:
    """Decoders hold no picture back, and show what was encoded."""
    packets = encoded(encoder, options)
    decoder = open_decoder(codec)
    frames = []
    for count, packet in enumerate(packets, 1):
        frames += decoder.decode(av.Packet(packet))
        assert len(frames) == count
    shown = frames[0].to_ndarray(format="rgb24").astype(float)
    assert np.abs(shown - moving(0)).mean() < 12
