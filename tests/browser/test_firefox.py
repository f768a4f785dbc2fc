"""Firefox takes part in everything: alone before joining, with Chromium and with Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import meetwidget
from meetwidget.errors import NoFrame
from meetwidget.media.opus import RATE
from meetwidget.room import Room
from tests import footage
from tests.browser.conftest import Enter
from tests.browser.person import Person, picture_of
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser

ADA, FOX = "Ada Lovelace", "Fox Mozilla"
ADA_CODE, FOX_CODE, SCREEN_CODE = 0x4B2D, 0x96E1, 0x2DB4
ADA_HERTZ, FOX_HERTZ = 770.0, 523.0

# Firefox's own fake devices show and play nothing that could be told apart, so a canvas and an
# oscillator take their places; everything behind getUserMedia and getDisplayMedia is real.
_DEVICES = """
(() => {
  if (!navigator.mediaDevices) return;
  const picture = (code, width, height) => {
    const canvas = Object.assign(document.createElement('canvas'), { width, height });
    const context = canvas.getContext('2d');
    const x = (part) => Math.floor(width * part), y = (part) => Math.floor(height * part);
    const draw = () => {
      context.fillStyle = 'rgb(70,110,160)';
      context.fillRect(0, 0, width, height);
      for (let bit = 0; bit < 16; bit++) {
        const row = bit >> 3, column = bit & 7;
        context.fillStyle = (code >> bit) & 1 ? 'rgb(235,235,235)' : 'rgb(20,20,20)';
        const left = x(0.2 + 0.075 * column), right = x(0.2 + 0.075 * (column + 1));
        const top = y(0.25 + 0.25 * row), bottom = y(0.25 + 0.25 * (row + 1));
        context.fillRect(left, top, right - left, bottom - top);
      }
    };
    draw();
    setInterval(draw, 50);
    return canvas.captureStream(20).getVideoTracks();
  };
  const tone = () => {
    const context = new AudioContext();
    const oscillator = new OscillatorNode(context, { frequency: HERTZ });
    const gain = new GainNode(context, { gain: 0.4 });
    const end = context.createMediaStreamDestination();
    oscillator.connect(gain).connect(end);
    oscillator.start();
    return end.stream.getAudioTracks();
  };
  navigator.mediaDevices.getUserMedia = async ({ audio, video }) => new MediaStream([
    ...(video ? picture(CAMERA, 640, 360) : []), ...(audio ? tone() : []),
  ]);
  navigator.mediaDevices.getDisplayMedia = async () =>
    new MediaStream(picture(SCREEN, 1280, 720));
})();
"""


def with_devices(fox: Person, camera: int, screen: int, hertz: float) -> Person:
    """Gives Firefox a camera and a screen that show codes, and a microphone with a tone."""
    script = _DEVICES.replace("CAMERA", str(camera)).replace("SCREEN", str(screen))
    fox.page.add_init_script(script.replace("HERTZ", str(hertz)))
    return fox


@pytest.fixture
def python(lab: JupyterProcess) -> Iterator[Room]:
    """A kernel in the room, which sees codes and hears tones without a third browser."""
    with meetwidget.join("mixed", url=lab.url, token=lab.token, timeout=60) as room:
        yield room


# Three Labs, two kinds of browser and a screen: more than half of the usual limit on two cores.
@pytest.mark.timeout(300)
def test_a_mixed_room(
    person: Enter,
    lab: JupyterProcess,
    python: Room,
    coded_camera: Callable[[int], Path],
    tone_file: Callable[[float], Path],
    sound_card: dict[str, str],
) -> None:
    """Firefox previews, joins, chats, and sees, hears and shows camera, voice and screen."""
    ada = person(
        "ada-lovelace", lab, camera=coded_camera(ADA_CODE), microphone=tone_file(ADA_HERTZ)
    )
    fox = person("fox-mozilla", lab, browser="firefox", sound_card=sound_card)
    with_devices(fox, FOX_CODE, SCREEN_CODE, FOX_HERTZ)
    ada.join("mixed")
    previews_and_joins(fox)
    chats(fox, ada)
    shows_and_hears(fox, ada, python)
    uses_keys(fox, python)
    turns_the_camera_off_and_on(fox, ada)
    shares_the_screen(fox, python)
    floats(fox)
    assert not fox.errors


def previews_and_joins(fox: Person) -> None:
    """Before joining there is a preview with a level; what was on there is on in the meeting."""
    fox.open_notebook("import meetwidget\nmeetwidget.MeetWidget(room='mixed', intent='')")
    fox.run_cell()
    fox.find("mw-preview-start").first.click()
    fox.page.locator("[data-testid=mw-preview] video").wait_for()
    # A speaker is offered only where the browser lets a page choose one.
    can_choose = fox.page.evaluate("'setSinkId' in AudioContext.prototype")
    if not can_choose:
        assert fox.find("mw-choose-speaker").count() == 0
    fox.find("mw-rejoin").click()
    fox.wait_live()


def chats(fox: Person, ada: Person) -> None:
    fox.say("hello from Firefox")
    ada.sees_message("hello from Firefox")
    ada.say("hello from Chromium")
    fox.sees_message("hello from Chromium")


def shows_and_hears(fox: Person, ada: Person, python: Room) -> None:
    """Each direction: the picture by its code, the sound by its pitch."""
    ada.sees_code(FOX, FOX_CODE)
    ada.hears(FOX_HERTZ)
    fox.waits_for("Python to read Firefox's camera", lambda: reads(python, FOX_CODE))
    fox.waits_for("Python to hear Firefox's tone", lambda: abs(pitch(python) - FOX_HERTZ) < 5)
    fox.waits_for("the level of Firefox's tone", lambda: level(python) > -40)
    ada.find("mw-cam").click()
    ada.find("mw-mic").click()
    fox.sees_code(ADA, ADA_CODE)
    fox.find("mw-mic").click()  # its own tone is not to be taken for Ada's
    fox.hears(ADA_HERTZ)


def reads(python: Room, code: int, source: str = "camera") -> bool:
    """Whether Python reads ``code`` in what Firefox shows now."""
    try:
        return footage.read_code(python.video[FOX, source].frame(1)) == code
    except NoFrame:
        return False


def pitch(python: Room) -> float:
    """The loudest frequency in the next quarter of a second from Firefox, Hz; 0 without sound."""
    try:
        heard = python.audio[FOX].samples(RATE // 4, 1)
    except NoFrame:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(heard)))) * RATE / len(heard)


def level(python: Room) -> float:
    """What Firefox's packets say of their loudness, dB below overload."""
    pitch(python)
    return python.audio[FOX].level


def uses_keys(fox: Person, python: Room) -> None:
    """M unmutes, and mutes again."""
    fox.room.first.focus()
    for on in (True, False):
        fox.page.keyboard.press("m")
        fox.waits_for(
            f"the microphone to be {'on' if on else 'off'}",
            lambda on=on: python.person(FOX).microphone is on,
        )


def turns_the_camera_off_and_on(fox: Person, ada: Person) -> None:
    fox.find("mw-cam").click()
    ada.waits_for("Firefox's picture to go", lambda: ada.picture(FOX) is None)
    fox.find("mw-cam").click()
    ada.sees_code(FOX, FOX_CODE)


def shares_the_screen(fox: Person, python: Room) -> None:
    fox.find("mw-screen").click()
    fox.waits_for("the shared screen", lambda: reads(python, SCREEN_CODE, "screen"))
    assert python.person(FOX).screen
    fox.find("mw-screen").click()
    fox.waits_for("the share to end", lambda: not python.person(FOX).screen)


_READ_WINDOW = """
() => {
  const window_ = globalThis.documentPictureInPicture?.window;
  const drawn = [...window_?.document.querySelectorAll('canvas') ?? []].filter((c) => c.width > 0);
  const read = (canvas) => {
    const copy = document.createElement('canvas');
    copy.width = canvas.width; copy.height = canvas.height;
    copy.getContext('2d').drawImage(canvas, 0, 0);
    return copy.toDataURL('image/png');
  };
  return drawn.map(read);
}
"""


def floats(fox: Person) -> None:
    """The room goes on in the browser's floating window, and in the page where there is none."""
    if fox.page.evaluate("'documentPictureInPicture' in globalThis"):
        fox.find("mw-float-toggle").click()
        fox.find("mw-float-back").wait_for()
        fox.waits_for("Ada in the floating window", lambda: sees_in_window(fox, ADA_CODE))
        fox.find("mw-float-back").click()
        fox.sees_code(ADA, ADA_CODE)
        fox.page.evaluate("delete globalThis.documentPictureInPicture")
    fox.find("mw-float-toggle").click()
    fox.find("mw-float").wait_for()
    fox.find("mw-float-close").click()
    fox.find("mw-float").wait_for(state="detached")
    fox.sees_code(ADA, ADA_CODE)


def sees_in_window(fox: Person, code: int) -> bool:
    pictures = [picture_of(url) for url in fox.page.evaluate(_READ_WINDOW)]
    return any(footage.read_code(picture) == code for picture in pictures)
