"""Pictures and sound of a kernel on a line that is slow, or goes dead without a word."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

import meetwidget
from meetwidget.congestion import PAUSE_SECONDS
from meetwidget.errors import NoFrame
from meetwidget.media.opus import RATE
from meetwidget.media.video_in import VideoIn
from meetwidget.media.video_out import VideoOut
from meetwidget.room import Room
from tests import footage
from tests.integration.client_rig import JOIN_S, Join, joining, server_in
from tests.integration.slow_line import SlowLine
from tests.integration.small_relay import until
from tests.jupyter_process import JupyterProcess

FPS = 20


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    with server_in(tmp_path_factory.mktemp("server")) as server:
        yield server


@pytest.fixture
def join(server: JupyterProcess) -> Iterator[Join]:
    with joining(server) as join:
        yield join


@pytest.fixture
def line(server: JupyterProcess) -> Iterator[SlowLine]:
    with SlowLine(server.url) as line:
        yield line


def join_by(line: SlowLine, server: JupyterProcess, room: str) -> Room:
    return meetwidget.join(room, url=line.url, token=server.token, timeout=JOIN_S)


class Film:
    """Plays real footage into a source, until the end of the block."""

    def __init__(self, video: VideoOut) -> None:
        self._pictures = [footage.enlarge(picture) for picture in footage.carphone_frames(60)]
        self._video = video
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._play)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _play(self) -> None:
        count = 0
        while not self._over.wait(1 / FPS):
            count += 1
            turn, place = divmod(count, len(self._pictures))
            self._video.write(self._pictures[place if turn % 2 == 0 else -1 - place])


def watching(video: VideoIn) -> threading.Thread:
    """Takes pictures as they come, so that they stay wanted."""

    def take() -> None:
        try:
            for _ in video.frames(60):
                pass
        except (NoFrame, meetwidget.NotConnected):
            return

    thread = threading.Thread(target=take, daemon=True)
    thread.start()
    return thread


def test_on_a_slow_line_the_bitrate_falls_and_comes_back(
    join: Join, server: JupyterProcess, line: SlowLine
) -> None:
    """At 150 kbit/s pictures go on at a lower bitrate without a queue; at full width all returns."""
    ben = join("slow")
    with join_by(line, server, "slow") as ada, ada.publish_video(640, 360, FPS) as video:
        thread = watching(ben.video[ada.you])
        with Film(video):
            until(lambda: video.share == 1.0, "the full bitrate")
            line.up_bps = 150_000
            until(lambda: video.share < 0.35, "a lower bitrate")
            publication = video._publication

            def flows() -> bool:
                seen = ada._desk.line(publication)
                return seen is not None and seen.queue < PAUSE_SECONDS / 2

            until(flows, "a line without a queue")
            decoded = ben.video[ada.you].decoded
            until(lambda: ben.video[ada.you].decoded > decoded + 20, "pictures at 150 kbit/s")
            line.up_bps = None
            until(lambda: video.share == 1.0, "the full bitrate again")
        ben.leave()
        thread.join(30)


def test_a_lane_that_goes_dead_is_opened_anew(
    join: Join, server: JupyterProcess, line: SlowLine
) -> None:
    """When nothing passes and nobody says so, pictures and sound go on over new sockets, both ways."""
    ben = join("dead")
    tone = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32) * 0.25
    with join_by(line, server, "dead") as ada:
        over = threading.Event()

        def play() -> None:
            with (
                ben.publish_video(320, 180, 10) as bens,
                ada.publish_video(320, 180, 10) as adas,
                ada.publish_audio() as sound,
            ):
                code = 0
                while not over.is_set():
                    code += 1
                    bens.write(footage.coded_picture(code, 320, 180))
                    adas.write(footage.coded_picture(code, 320, 180))
                    sound.write(tone[: RATE // 10])
                    time.sleep(0.1)

        player = threading.Thread(target=play)
        player.start()
        try:
            until(lambda: len(ben.people) == len(ada.people) == 2, "each other")
            until(lambda: ben.person(ada.you.id).camera and ada.person(ben.you.id).camera)
            pairs = [ben.video[ada.you], ada.video[ben.you]]

            def newest(video: VideoIn) -> int:
                return footage.read_code(video.frame(60)) or 0

            def hears() -> bool:
                try:
                    return bool(ben.audio[ada.you].samples(960, 0.5).std() > 0.05)
                except NoFrame:
                    return False

            assert all(newest(video) for video in pairs)
            until(hears, "sound")
            opened = line.opened
            line.freeze()
            before = [newest(video) for video in pairs]
            until(lambda: line.opened >= opened + 2, "new sockets")
            for video, code in zip(pairs, before, strict=True):
                until(lambda v=video, c=code: newest(v) > c + 10, "newer pictures")
            ben.audio[ada.you].close()  # what was kept from before does not count
            until(hears, "sound again")
        finally:
            over.set()
            player.join()
