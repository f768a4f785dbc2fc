"""Sound as people notice it: no echo of what others said, and lips that fit the words."""

from __future__ import annotations

import itertools
import os
import statistics
import subprocess
import threading
import time
import wave
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import meetwidget
from meetwidget.errors import MeetError
from meetwidget.room import Room
from tests import footage
from tests.browser.conftest import Enter
from tests.browser.person import Person
from tests.jupyter_process import JupyterProcess
from tests.sound_server import sound_server

pytestmark = pytest.mark.browser

RATE, PACKET = 48_000, 960
JOIN_S = 60.0
SILENT_DB = -100.0
ECHO_DB = 20
"""So much weaker the echo has to be than without cancellation."""
SOUND_EARLY_MS, SOUND_LATE_MS = 45, 125
"""Bounds of lip sync (ITU-R BT.1359: what viewers begin to notice)."""


@contextmanager
def guest(server: JupyterProcess, room: str) -> Iterator[Room]:
    """A participant in Python, in the test's own process."""
    joined = meetwidget.join(room, url=server.url, token=server.token, timeout=JOIN_S)
    try:
        yield joined
    finally:
        joined.leave()


@contextmanager
def background(work: Callable[[threading.Event], None]) -> Iterator[None]:
    """Does ``work`` on a thread until told to stop by the event."""
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,))
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


# -------------------------------------------------------------------- echo

# The button for the test's control: whether the microphone is opened with echo cancellation.
_CHOOSE_CANCELLATION = """
(() => {
  const media = navigator.mediaDevices;
  if (!media) return;
  const ask = media.getUserMedia.bind(media);
  globalThis.__constraints = [];
  media.getUserMedia = (wanted) => {
    globalThis.__constraints.push(wanted);
    if (wanted.audio && globalThis.__cancel === false) wanted.audio.echoCancellation = false;
    return ask(wanted);
  };
})();
"""


@pytest.fixture
def echoing_room(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A loudspeaker whose sound a microphone picks up."""
    with sound_server(
        tmp_path,
        "module-null-sink sink_name=speaker",
        "module-remap-source source_name=microphone master=speaker.monitor",
    ) as environment:
        yield environment


def decibels(samples: NDArray[np.float32]) -> float:
    """Level relative to full scale."""
    return max(SILENT_DB + 1, float(20 * np.log10(np.sqrt(np.mean(np.square(samples))) + 1e-9)))


@contextmanager
def listening(room: Room, name: str) -> Iterator[Callable[[], float]]:
    """Hears somebody; yields what tells the mean power of the last three seconds in dB.

    That is SILENT_DB before there are three seconds, and above it afterwards.
    """
    heard: deque[float] = deque(maxlen=30)

    def listen(stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                heard.append(decibels(room.audio[name].samples(RATE // 10, timeout=0.2)))
            except MeetError:  # silent, or not there yet
                heard.append(SILENT_DB + 1)

    def level() -> float:
        known = list(heard)
        if len(known) < 30:
            return SILENT_DB
        return float(10 * np.log10(np.mean(np.power(10, np.array(known) / 10))))

    with background(listen):
        yield level


def play(sound: Path, environment: dict[str, str], stop: threading.Event) -> None:
    """Plays a WAV file to the speaker, as another program would, again and again."""
    while not stop.is_set():
        with subprocess.Popen(["paplay", sound], env={**os.environ, **environment}) as player:
            while player.poll() is None and not stop.wait(0.05):
                pass
            player.terminate()


def test_others_do_not_hear_themselves(
    person: Enter, lab: JupyterProcess, echoing_room: dict[str, str], tmp_path: Path
) -> None:
    """What others say comes out of the speaker into the microphone, and does not go back to them."""
    ada = person("ada-lovelace", lab, sound_card=echoing_room)
    ada.page.add_init_script(_CHOOSE_CANCELLATION)
    ada.join("echo")
    with wave.open(str(footage.speech())) as file:
        words = np.frombuffer(file.readframes(file.getnframes()), np.int16).astype(np.float32)
    words /= 32768

    with guest(lab, "echo") as far:
        voice = far.publish_audio()

        hush = threading.Event()

        def speak(stop: threading.Event) -> None:
            while not (stop.is_set() or hush.is_set()):
                for part in np.array_split(words, len(words) // 4800):
                    if not (stop.is_set() or hush.is_set()):
                        voice.write(part)

        with background(speak):
            ada.page.mouse.click(5, 5)
            ada.page.evaluate("globalThis.__cancel = false")
            ada.find("mw-mic").click()
            with listening(far, "Ada Lovelace") as heard_db:
                ada.waits_for("the echo", lambda: heard_db() > -35)
                loud = heard_db()
            # A muted microphone stays open; leaving closes it.
            ada.find("mw-leave").click()
            ada.run_cell()
            ada.wait_live()
            ada.page.evaluate("globalThis.__cancel = true")
            ada.find("mw-mic").click()
            ada.waits_for("the words at the speaker", lambda: ada.loudness() > 0.01)
            with listening(far, "Ada Lovelace") as heard_db:
                ada.waits_for(
                    f"an echo {ECHO_DB} dB below {loud:.0f} dB",
                    lambda: SILENT_DB < heard_db() < loud - ECHO_DB,
                )
                # That was the canceller's work: whoever speaks beside the computer is heard.
                hush.set()
                beside = footage.write_wav(tmp_path / "beside.wav", words[::-1])
                with background(lambda stop: play(beside, echoing_room, stop)):
                    ada.waits_for("Ada's own voice", lambda: heard_db() > -40)
    wanted = ada.page.evaluate("globalThis.__constraints.at(-1).audio")
    assert wanted["noiseSuppression"] is True
    assert wanted["autoGainControl"] is True


# ---------------------------------------------------------------- lip sync

# Watches a tile's canvas for flashes and the loudspeaker for beeps: pairs hold how much later the
# beep came, ms.
_WATCH_AND_LISTEN = """
(() => {
  const connect = AudioNode.prototype.connect;
  const QUIET = 0.02, LOUD = 0.1;
  const flashes = [], beeps = [], heard = [];
  globalThis.__lips = { pairs: [] };
  let ears = null;
  AudioNode.prototype.connect = function (target, ...rest) {
    if (target instanceof AudioDestinationNode && this instanceof AudioWorkletNode) {
      ears = new AnalyserNode(this.context, { fftSize: 16384 });
      connect.call(this, ears);
    }
    return connect.call(this, target, ...rest);
  };
  setInterval(() => {
    if (!ears) return;
    const { context, fftSize } = ears;
    const samples = new Float32Array(fftSize);
    ears.getFloatTimeDomainData(samples);
    const now = performance.now();
    const quiet = context.sampleRate / 10;
    // A beep begins where it leaves the silence, and is one if it gets loud within 5 ms.
    let since = 0, begin = -Infinity;
    for (let i = 0; i < fftSize; i++) {
      const size = Math.abs(samples[i]);
      if (size > QUIET && since > quiet) begin = i;
      since = size > QUIET ? 0 : since + 1;
      if (size < LOUD || i - begin > context.sampleRate / 200) continue;
      const late = Math.max(context.baseLatency, context.outputLatency);
      const at = now + ((begin - fftSize) / context.sampleRate + late) * 1000;
      if (at - (heard.at(-1) ?? 0) > 300) {
        heard.push(at);
        beeps.push(at);
      }
      begin = -Infinity;
    }
    while (beeps.length && now - beeps[0] > 300) {
      const beep = beeps.shift();
      const flash = flashes.find((at) => Math.abs(at - beep) < 300);
      if (flash !== undefined) globalThis.__lips.pairs.push(beep - flash);
    }
  }, 20);
  const small = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
  let bright = false;
  const look = () => {
    requestAnimationFrame(look);
    const canvas = document.querySelector('canvas.mw-picture');
    if (!canvas?.width) return;
    small.drawImage(canvas, 0, 0, 1, 1);
    const is = small.getImageData(0, 0, 1, 1).data[0] > 128;
    if (is && !bright) flashes.push(performance.now());
    bright = is;
  };
  requestAnimationFrame(look);
})();
"""

_EAR_DELAY = """
() => {
  for (const slots of globalThis[Symbol.for('meetwidget')].versions.values())
    for (const session of slots.get('sessions')?.values() ?? [])
      for (const stats of session.slots.get('media').stats.value.values())
        if (stats.codec === 'opus') return stats.latencyMs ?? null;
}
"""
HOLD_UP_S = 0.14
PERIOD, FLASH, RATE_FPS = 45, 10, 25
"""Packets of 20 ms from flash to flash and in one flash; pictures a second."""


def flash_and_beep(room: Room) -> Callable[[threading.Event], None]:
    """Publishes flashes with beeps at the very same moments."""
    pictures, voice = room.publish_video(320, 180, RATE_FPS), room.publish_audio()
    dark = np.full((180, 320, 3), 16, np.uint8)
    light = np.full((180, 320, 3), 235, np.uint8)
    beep = (0.5 * np.sin(np.arange(PACKET) * 2 * np.pi * 1000 / RATE)).astype(np.float32)

    def work(stop: threading.Event) -> None:
        due = time.monotonic()
        for tick in itertools.count():
            on = tick % PERIOD < FLASH
            voice.write(beep if on else np.zeros(PACKET, np.float32))
            if tick % 2 == 0:
                pictures.write(light if on else dark)
            due = max(due + PACKET / RATE, time.monotonic() - 0.1)
            if stop.wait(max(0.0, due - time.monotonic())):
                return

    return work


def on_a_shaky_line(send: Callable[..., None], lane: str) -> Callable[..., None]:
    """Like ``send``, but what goes on a lane is held up again and again, to come all at once."""
    waiting: list[tuple[Any, Sequence[bytes]]] = []
    lock = threading.Lock()

    def flush() -> None:
        with lock:
            for publication, frames in waiting:
                send(publication, frames)
            waiting.clear()

    def shaky(publication: Any, frames: Sequence[bytes]) -> None:
        if publication.lane != lane:
            send(publication, frames)
            return
        with lock:
            if not waiting:
                threading.Timer(HOLD_UP_S, flush).start()
            waiting.append((publication, frames))

    return shaky


def test_lips_fit_the_words(
    person: Enter, lab: JupyterProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Picture and sound of one moment are seen and heard together, also on a line that shakes."""
    ada = person("ada-lovelace", lab)
    ada.page.add_init_script(_WATCH_AND_LISTEN)
    ada.join("lips")
    ada.page.mouse.click(5, 5)

    def in_step() -> bool:
        lags = ada.page.evaluate("globalThis.__lips.pairs.slice(-7)")
        return len(lags) == 7 and -SOUND_EARLY_MS <= statistics.median(lags) <= SOUND_LATE_MS

    with guest(lab, "lips") as sender, background(flash_and_beep(sender)):
        ada.waits_for("seven flashes, each with its beep", in_step)
        calm = ear_delay(ada)
        # Private, since no client sends this badly on purpose.
        desk = sender._desk
        monkeypatch.setattr(desk, "send", on_a_shaky_line(desk.send, "audio"))
        ada.waits_for("sound that waits longer", lambda: ear_delay(ada) > calm + 80)
        ada.page.evaluate("globalThis.__lips.pairs.length = 0")
        ada.waits_for("seven flashes, each with its beep", in_step)


def ear_delay(someone: Person) -> float:
    """Milliseconds from the other's microphone to this person's ear."""
    found: float | None = someone.page.evaluate(_EAR_DELAY)
    return found or 0.0
