"""Pictures and sound between kernel clients, through a real Jupyter server."""

from __future__ import annotations

import asyncio
import itertools
import threading
import time
import wave
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from meetwidget.errors import BadPicture, MeetError, NoFrame, NotConnected
from meetwidget.media.audio_out import AudioOut
from meetwidget.media.opus import RATE
from meetwidget.media.video_in import VideoIn
from meetwidget.media.video_out import VideoOut
from tests import footage
from tests.integration.client_rig import Join, joining, server_in
from tests.integration.small_relay import until
from tests.jupyter_process import JupyterProcess


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    with server_in(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def join(server: JupyterProcess) -> Iterator[Join]:
    with joining(server) as join:
        yield join


def code_of(video: VideoIn) -> int | None:
    return footage.read_code(video.frame(60))


def shows(video: VideoIn, code: int) -> Callable[[], bool]:
    return lambda: code_of(video) == code


def test_a_picture_arrives_with_its_content_and_colours(join: Join) -> None:
    """The code drawn into the frame is read back after VP8, and a flat colour is what it was."""
    ada, ben = join("code"), join("code")
    with ada.publish_video(640, 360, 20) as video:
        video.write(footage.coded_picture(0xA53C))
        until(lambda: ben.video[ada.you].frame(60).shape == (360, 640, 3))
        frame = ben.video[ada.you].frame(60)
        assert frame.dtype == np.uint8
        assert footage.read_code(frame) == 0xA53C
        assert np.abs(frame[:40, :100].reshape(-1, 3).mean(0) - (70, 110, 160)).max() < 6
        for code in (0x1234, 0xFEDC, 0x0001):
            video.write(footage.coded_picture(code))
            until(shows(ben.video[ada.you], code))


def test_nothing_is_encoded_until_somebody_watches(join: Join) -> None:
    """Demand starts the encoder and its end stops it; a newcomer gets the last picture at once."""
    ada, ben = join("demand"), join("demand")
    with ada.publish_video(640, 360, 20) as video:
        video.write(footage.coded_picture(7))
        until(lambda: ada.person(ada.you.id).camera)
        assert not video.watched
        assert all(rendition.encoder is None for rendition in video._renditions)
        watching = ben.video[ada.you]
        assert code_of(watching) == 7, "the picture was written before anybody watched"
        assert video.watched
        watching.close()
        until(lambda: not video.watched)
        assert code_of(watching) == 7, "asking again starts again"


def test_pictures_nobody_asks_for_are_no_longer_watched(
    join: Join, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One look at a camera does not keep it encoding for ever; the next look starts it again."""
    monkeypatch.setattr("meetwidget.media.video_in.IDLE_SECONDS", 0.2)
    ada, ben = join("idle"), join("idle")
    with ada.publish_video(64, 64, 10) as video:
        video.write(np.full((64, 64, 3), 200, np.uint8))
        ben.video[ada.you].frame(60)
        until(lambda: not video.watched)
        assert ben.video[ada.you].frame(60).mean() > 180


def test_a_late_watcher_sees_the_picture_of_now(join: Join) -> None:
    """Somebody who comes while others watch does not wait for the next key frame."""
    ada, ben = join("late"), join("late")
    with ada.publish_video(640, 360, 20) as video:
        video.write(footage.coded_picture(1))
        assert code_of(ben.video[ada.you]) == 1
        for code in range(2, 12):
            video.write(footage.coded_picture(code))
            until(shows(ben.video[ada.you], code))
        until(shows(join("late").video[ada.you], 11))


def test_a_tile_gets_the_small_rendition(join: Join) -> None:
    """A watcher that shows little is sent 180 lines; both renditions carry the same picture."""
    ada, ben, eve = join("sizes"), join("sizes"), join("sizes")
    with ada.publish_video(640, 360, 20) as video:
        video.write(footage.coded_picture(99))
        small = ben.video[ada.you]
        small.want(266, 150)
        assert small.frame(60).shape == (180, 320, 3)
        # A loaded relay may start with the small one, and switches up when the line proves good.
        until(lambda: eve.video[ada.you].frame(60).shape == (360, 640, 3))
        assert small.frame(60).shape == (180, 320, 3)
        video.write(footage.coded_picture(100))
        until(shows(small, 100))
        until(shows(eve.video[ada.you], 100))


def test_real_footage_stays_recognisable(join: Join) -> None:
    """A talking head arrives with at least 28 dB, and most pictures make it."""
    ada, ben = join("footage"), join("footage")
    pictures = [footage.enlarge(picture) for picture in footage.carphone_frames(60)]
    with ada.publish_video(640, 360, 20, source="screen") as video:
        video.write(pictures[0])
        watching = ben.video[ada.you, "screen"]
        watching.frame(60)
        for picture in pictures:
            video.write(picture)
            time.sleep(1 / 20)
        last = pictures[-1].astype(float)

        def quality() -> float:
            frame = watching.frame()
            if frame.shape != last.shape:
                return 0.0
            error = float(np.mean((frame.astype(float) - last) ** 2))
            return 10 * np.log10(255**2 / error)

        until(lambda: quality() > 28, "28 dB")
        assert watching.decoded > 20


def test_new_pictures_can_be_iterated(join: Join) -> None:
    """``frames()`` yields each new picture once, leaving out what the reader was too slow for."""
    ada, ben = join("iterate"), join("iterate")
    stop = threading.Event()
    with ada.publish_video(320, 180, 20, source="data:numbers") as video:

        def write() -> None:
            code = 0
            while not stop.wait(0.05):
                code += 1
                video.write(footage.coded_picture(code, 320, 180))

        writer = threading.Thread(target=write)
        writer.start()
        codes = []
        for frame in ben.video[ada.you].frames(60):
            codes.append(footage.read_code(frame))
            if len(codes) == 10:
                break
        stop.set()
        writer.join()
    readable = [code for code in codes if code is not None]
    assert len(readable) >= 8
    assert readable == sorted(set(readable))


def test_writing_never_waits(join: Join) -> None:
    """A loop that writes as fast as it can is not slowed to the frame rate, and the newest counts."""
    ada, ben = join("fast"), join("fast")
    with ada.publish_video(640, 360, 5) as video:
        video.write(footage.coded_picture(1))
        code_of(ben.video[ada.you])
        pictures = [footage.coded_picture(code) for code in range(50)]
        started = time.monotonic()
        for _ in range(4):
            for picture in pictures:
                video.write(picture)
        # 200 pictures at 5 a second are 40 s; copying them is not.
        assert time.monotonic() - started < 20
        until(shows(ben.video[ada.you], 49))


@pytest.mark.parametrize(
    ("frame", "words"),
    [
        (np.zeros((360, 640, 3)), "float64"),
        (np.zeros((640, 360, 3), np.uint8), r"\(360, 640, 3\)"),
        (np.zeros((360, 640), np.uint8), r"\(360, 640\)"),
        (np.zeros((360, 640, 4), np.uint8), r"\(360, 640, 4\)"),
        ("picture", "uint8"),
    ],
)
def test_what_is_no_picture_is_refused(join: Join, frame: NDArray[np.uint8], words: str) -> None:
    """Wrong shape or type: an exception that names what was expected and what came."""
    with join("wrong").publish_video(640, 360, 20) as video, pytest.raises(BadPicture, match=words):
        video.write(frame)


@pytest.mark.parametrize(("width", "height", "fps"), [(8, 360, 20), (640, 9999, 20), (640, 360, 0)])
def test_impossible_sources_are_refused(join: Join, width: int, height: int, fps: float) -> None:
    """Sizes and rates out of range are said before anything is published."""
    room = join("wrong")
    with pytest.raises(BadPicture):
        room.publish_video(width, height, fps)
    assert not room.you.camera


def test_who_shows_nothing_gives_no_frame(join: Join) -> None:
    """No camera is an exception after the timeout, a camera that ends is one, too."""
    ada, ben = join("nothing"), join("nothing")
    with pytest.raises(NoFrame, match="shows no picture"):
        ben.video[ada.you].frame(0.2)
    with pytest.raises(MeetError, match="Nobody here"):
        ben.video["zoe"]
    with ada.publish_video(64, 64, 10) as video:
        video.write(np.full((64, 64, 3), 200, np.uint8))
        assert ben.video[ada.you].frame(60).mean() > 180
    until(lambda: not ada.you.camera)
    until(lambda: ben.video[ada.you]._watching.stream is None)
    with pytest.raises(NoFrame, match="shows no picture"):
        ben.video[ada.you].frame(0.2)


def test_the_end_of_the_room_ends_media(join: Join) -> None:
    """Threads of encoders and decoders stop, and calls say that the room was left."""
    ada, ben = join("end"), join("end")
    video, sound = ada.publish_video(64, 64, 10), ada.publish_audio()
    video.write(np.zeros((64, 64, 3), np.uint8))
    watching = ben.video[ada.you]
    watching.frame(60)
    ada.leave()
    ben.leave()
    with pytest.raises(NotConnected):
        video.write(np.zeros((64, 64, 3), np.uint8))
    with pytest.raises(NotConnected):
        sound.write(np.zeros(10, np.float32))
    with pytest.raises(NotConnected):
        watching.frame(1)
    names = ("meetwidget encoder camera", "meetwidget sound microphone", "meetwidget decoder")
    until(lambda: not [t for t in threading.enumerate() if t.name.startswith(names)])


def test_a_picture_tells_when_it_was_taken(join: Join) -> None:
    """``captured`` is when it was written, by the relay's clock; ``delay`` is what came after."""
    ada, ben = join("when"), join("when")
    with ada.publish_video(320, 180, 20) as video:
        earliest = time.time()
        video.write(footage.coded_picture(5, 320, 180))
        frame = ben.video[ada.you].frame(60)
        latest = time.time()
    assert earliest - 1 <= frame.captured <= latest + 1
    assert -1 <= frame.delay <= latest - earliest + 1


def test_a_generator_is_published_to_its_end(join: Join) -> None:
    """Pictures of a generator are seen one after the other, at their own size, and then the tile goes."""
    ada, ben = join("generator"), join("generator")
    seen = threading.Event()

    def pictures() -> Iterator[NDArray[np.uint8]]:
        yield footage.coded_picture(1, 320, 180)
        while not seen.is_set():
            yield footage.coded_picture(2, 320, 180)

    video = ada.publish_video(source="data:clip", frames=pictures(), fps=30)
    assert (video.width, video.height) == (320, 180)
    until(shows(ben.video[ada.you, "data:clip"], 2))
    earlier, video = video, ada.publish_video(source="data:clip", frames=pictures(), fps=30)
    assert earlier.wait(60), "the same cell, run again"
    until(shows(ben.video[ada.you, "data:clip"], 2))
    seen.set()
    assert video.wait(60)
    until(lambda: ben.video[ada.you, "data:clip"]._watching.stream is None)
    with pytest.raises(BadPicture, match="not a single picture"):
        ada.publish_video(frames=iter(()))


def test_a_camera_can_be_passed_on(join: Join) -> None:
    """Somebody's frames, worked on, are a source again; it ends when their camera does."""
    ada, ben = join("relayed"), join("relayed")
    with ada.publish_video(320, 180, 20) as camera:
        camera.write(footage.coded_picture(77, 320, 180))
        frames = (picture[:, ::-1] for picture in ben.video[ada.you].frames(1))
        mirrored = ben.publish_video(source="data:mirror", frames=frames)
        until(lambda: footage.read_code(ada.video[ben.you].frame(60)[:, ::-1]) == 77)
    assert mirrored.wait(60)


def test_a_figure_is_a_tile_that_follows_it(join: Join) -> None:
    """Every drawing is seen; another figure under its name takes the tile over."""
    ada, ben = join("figure"), join("figure")
    figures = [Figure(figsize=(3.2, 1.8), dpi=100, facecolor=colour) for colour in ("red", "blue")]
    for figure in figures:
        FigureCanvasAgg(figure)

    def sees(*rgb: int) -> bool:
        frame = ben.video[ada.you, "data:figure"].frame(60)
        return bool(np.abs(frame.reshape(-1, 3).mean(0) - rgb).max() < 12)

    ada.publish_figure(figures[0])
    until(lambda: sees(255, 0, 0))
    figures[0].set_facecolor("lime")
    figures[0].canvas.draw()
    until(lambda: sees(0, 255, 0))
    second = ada.publish_figure(figures[1])
    until(lambda: sees(0, 0, 255))
    figures[0].canvas.draw()  # nobody follows it any more
    assert sees(0, 0, 255)
    second.close()


def test_an_event_loop_goes_on_while_pictures_are_awaited(join: Join) -> None:
    """``async for`` over frames, in a program whose loop does something else meanwhile."""
    ada, ben = join("loop"), join("loop")
    video = ada.publish_video(320, 180, 20)

    async def main() -> int | None:
        turns = 0

        async def write() -> None:
            nonlocal turns
            while True:
                video.write(footage.coded_picture(9, 320, 180))
                turns += 1
                await asyncio.sleep(0.01)

        writer = asyncio.create_task(write())
        async for picture in ben.video[ada.you].frames(60):
            if turns > 5:
                writer.cancel()
                return footage.read_code(picture)
        return None

    assert asyncio.run(main()) == 9


# ----------------------------------------------------------------------- sound


def play(sound: object, samples: NDArray[np.float32]) -> threading.Thread:
    player = threading.Thread(target=sound.write, args=(samples,))  # type: ignore[attr-defined]
    player.start()
    return player


def test_a_tone_arrives_with_its_pitch_and_level(join: Join) -> None:
    """440 Hz in, 440 Hz out, at the same loudness."""
    ada, ben = join("tone"), join("tone")
    with ada.publish_audio() as sound:
        listening = ben.audio[ada.you]
        with pytest.raises(NoFrame):
            listening.samples(1, timeout=0)
        assert sound.wait_watched(60)
        t = np.arange(2 * RATE) / RATE
        player = play(sound, (0.25 * np.sin(2 * np.pi * 440 * t)).astype(np.float32))
        heard = listening.samples(RATE, timeout=60)
        player.join()
    middle = heard[RATE // 4 : RATE * 3 // 4]
    pitch = np.argmax(np.abs(np.fft.rfft(middle))) * RATE / len(middle)
    assert abs(pitch - 440) <= 2
    assert abs(middle.std() - 0.25 / np.sqrt(2)) < 0.03


def test_sound_comes_in_chunks(join: Join) -> None:
    """Chunks follow each other without gap: a tone of 1 s is one sine from the first to the last."""
    ada, ben = join("chunks"), join("chunks")
    with pytest.raises(BadPicture, match="0 seconds"):
        ben.audio[ada.you].chunks(0)
    with ada.publish_audio() as sound:
        chunks = ben.audio[ada.you].chunks(0.05, timeout=60)
        player = threading.Thread(target=play_when_heard, args=(sound,))
        player.start()
        heard = list(itertools.islice(chunks, 20))
        player.join()
    assert {(len(chunk), chunk.dtype.name) for chunk in heard} == {(2400, "float32")}
    spectrum = np.abs(np.fft.rfft(np.concatenate(heard[4:]))) ** 2
    pitch = 440 * len(heard[4:]) // 20
    assert spectrum[pitch - 2 : pitch + 3].sum() > 0.98 * spectrum.sum()


def play_when_heard(sound: AudioOut) -> None:
    assert sound.wait_watched(60)
    t = np.arange(2 * RATE) / RATE
    sound.write((0.25 * np.sin(2 * np.pi * 440 * t)).astype(np.float32))
    sound.drain()


def test_speech_arrives_as_it_was_spoken(join: Join) -> None:
    """A real sentence through Opus has the loudness over time of the original."""
    with wave.open(str(footage.speech())) as file:
        pcm = np.frombuffer(file.readframes(file.getnframes()), np.int16)
    speech = (pcm / 32768).astype(np.float32)[: 3 * RATE]
    ada, ben = join("speech"), join("speech")
    with ada.publish_audio() as sound:
        listening = ben.audio[ada.you]
        with pytest.raises(NoFrame):
            listening.samples(1, timeout=0)
        assert sound.wait_watched(60)
        player = play(sound, speech)
        heard = listening.samples(len(speech) - 10 * 960, timeout=60)
        player.join()
    assert similarity(loudness(speech), loudness(heard)) > 0.95


def loudness(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns the level of the 20 ms around each 2.5 ms."""
    power = np.convolve(samples.astype(np.float64) ** 2, np.ones(960) / 960, "valid")
    return np.sqrt(power[::120])


def similarity(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Returns the best correlation of two loudness curves, up to 200 ms apart."""
    best = 0.0
    for shift in range(-80, 81):
        first, second = one[max(0, -shift) :], other[max(0, shift) :]
        length = min(len(first), len(second))
        best = max(best, float(np.corrcoef(first[:length], second[:length])[0, 1]))
    return best


@pytest.mark.parametrize("samples", [np.zeros((10, 2), np.float32), np.zeros(10, np.int16)])
def test_what_is_no_sound_is_refused(join: Join, samples: NDArray[np.float32]) -> None:
    """Two channels or integers: an exception that names what was expected."""
    with join("wrong").publish_audio() as sound, pytest.raises(BadPicture):
        sound.write(samples)


def test_a_source_of_data_is_a_tile_of_its_own(join: Join) -> None:
    """A camera and a simulation of the same kernel are two streams, chosen by source."""
    ada, ben = join("two-tiles"), join("two-tiles")

    def publish(source: str, code: int) -> VideoOut:
        video = ada.publish_video(320, 180, 10, source=source)
        video.write(footage.coded_picture(code, 320, 180))
        return video

    with publish("camera", 1), publish("data:heat", 2):
        assert code_of(ben.video[ada.you, "data:heat"]) == 2
        assert code_of(ben.video[ada.you]) == 1
