"""Levels, silence and gaps of sound, without a relay."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from meetwidget.media.audio_in import AudioIn
from meetwidget.media.loudness import (
    HANGOVER_PACKETS,
    SPARSE_PACKETS,
    SilenceGate,
    level_dbov,
)
from meetwidget.media.opus import PACKET_SAMPLES, RATE, OpusEncoder, Samples
from meetwidget.people import Someone
from meetwidget.wire.control import Rendition, User
from meetwidget.wire.media import FrameKind, Header, flags, level_extension

ADA = Someone("p1", User("ada", "Ada", "A", "red"), "person")
OPUS = Rendition(codec="opus", handle=5)


def tone(count: int, amplitude: float = 0.25) -> Samples:
    t = np.arange(count) / RATE
    return (amplitude * np.sin(2 * np.pi * 440 * t)).astype(np.float32)


@pytest.mark.parametrize(
    ("samples", "dbov"),
    [
        (np.zeros(960, np.float32), -127),
        (np.ones(960, np.float32), 0),
        (tone(960, 1.0), -3),
        (tone(960, 0.1), -23),
        (np.zeros(0, np.float32), -127),
        (np.full(960, 1e-9, np.float32), -127),
    ],
)
def test_levels_are_below_overload(samples: Samples, dbov: float) -> None:
    """A full-scale sine is at -3 dB, silence at -127, and nothing is above 0."""
    assert level_dbov(samples) == pytest.approx(dbov, abs=0.1)


def test_silence_is_sent_sparsely() -> None:
    """Pauses between words stay whole; of long silence one packet in 400 ms goes out."""
    gate = SilenceGate()
    assert all(gate.admit(-20) for _ in range(100))
    assert all(gate.admit(-127) for _ in range(HANGOVER_PACKETS))
    sent = [gate.admit(-127) for _ in range(10 * SPARSE_PACKETS)]
    assert sum(sent) == 10
    assert gate.admit(-40), "the first word is never cut off"
    assert gate.admit(-127), "and what follows counts anew"


class Desk:
    """A room in which Ada's microphone is on."""

    def check_live(self) -> None:
        """It is."""

    def watch(self, watching: Any) -> None:
        watching.stream = "s1"


class Speaker:
    """Sends packets to a listener."""

    def __init__(self) -> None:
        self.listener = AudioIn(Desk(), ADA)  # type: ignore[arg-type]
        self._encoder = OpusEncoder()
        self._sequence = 0
        self._at = 0

    def say(self, packets: int, amplitude: float = 0.25, lost: bool = False) -> None:
        sound = tone(packets * PACKET_SAMPLES, amplitude)
        for part in np.split(sound, packets):
            header = Header(
                FrameKind.AUDIO, flags(key=True, extension=True), 5, self._sequence, self._at
            )
            packet = self._encoder.encode(part) or b""
            told = level_extension(level_dbov(part), amplitude > 0)
            self._sequence, self._at = self._sequence + 1, self._at + 20_000
            if not lost:
                self.listener._on_frame(OPUS, header.pack() + told + packet)

    def pause(self, seconds: float) -> None:
        """Sends nothing: sequence numbers go on where they were, capture times do not."""
        self._at += round(seconds * 1e6)


def silent(heard: Samples) -> float:
    """Seconds of silence in a piece of sound."""
    return float(np.count_nonzero(np.abs(heard) < 1e-4)) / RATE


def test_a_pause_is_heard_as_one() -> None:
    """Where nothing was sent there is silence of the same length, and no packet is missed."""
    speaker = Speaker()
    speaker.say(10)
    speaker.pause(0.3)
    speaker.say(10)
    heard = speaker.listener.samples(20 * PACKET_SAMPLES + int(0.3 * RATE), 0)
    assert silent(heard[12 * PACKET_SAMPLES : 22 * PACKET_SAMPLES]) > 0.18
    assert heard[-PACKET_SAMPLES:].std() > 0.1


def test_a_long_pause_holds_nothing_back() -> None:
    """An hour's silence is a second's, so that what follows is heard now."""
    speaker = Speaker()
    speaker.say(10)
    speaker.pause(3600)
    speaker.say(10)
    heard = speaker.listener.samples(20 * PACKET_SAMPLES + RATE, 0)
    assert heard[-PACKET_SAMPLES:].std() > 0.1


def test_lost_packets_are_silence() -> None:
    """What the line or the relay left out takes its time."""
    speaker = Speaker()
    speaker.say(10)
    speaker.say(5, lost=True)
    speaker.say(10)
    heard = speaker.listener.samples(25 * PACKET_SAMPLES, 0)
    assert silent(heard[11 * PACKET_SAMPLES : 14 * PACKET_SAMPLES]) > 0.05


def test_a_jittery_capture_clock_makes_no_gaps() -> None:
    """Packets that follow each other are one piece of sound, whatever their times say."""
    speaker = Speaker()
    for jitter in (0.02, -0.02, 0.03, -0.03) * 5:
        speaker.say(1)
        speaker.pause(jitter)
    heard = speaker.listener.samples(20 * PACKET_SAMPLES, 0)
    assert silent(heard[2 * PACKET_SAMPLES :]) < 0.02


def test_packets_tell_how_loud_somebody_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Level and speech are read without decoding, and end with the packets."""
    monkeypatch.setattr("meetwidget.media.audio_in.LEVEL_SECONDS", 3600.0)
    speaker = Speaker()
    assert (speaker.listener.level, speaker.listener.speaking) == (-127.0, False)
    speaker.say(1, 0.1)
    assert speaker.listener.level == pytest.approx(-23, abs=1)
    assert speaker.listener.speaking
    speaker.say(1, 0.0)
    assert (speaker.listener.level, speaker.listener.speaking) == (-127.0, False)
    speaker.say(1)
    monkeypatch.setattr("meetwidget.media.audio_in.LEVEL_SECONDS", 0.0)
    assert (speaker.listener.level, speaker.listener.speaking) == (-127.0, False), "long ago"
