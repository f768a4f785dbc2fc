"""The server dies and comes back: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import meetwidget
from meetwidget.room import Room
from tests import footage
from tests.integration.client_rig import Join, joining, server_in
from tests.integration.small_relay import until
from tests.jupyter_process import JupyterProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JupyterProcess]:
    with server_in(tmp_path) as server:
        yield server


@pytest.fixture
def join(server: JupyterProcess) -> Iterator[Join]:
    with joining(server) as join:
        yield join


def talk(room: Room, who: int, stop: threading.Event, said: list[str]) -> None:
    """Says numbered messages until told to stop; ``said`` holds what was acknowledged."""
    number = 0
    while not stop.is_set():
        body = f"{who}:{number}"
        try:
            room.chat.send(body, timeout=90)
        except meetwidget.TooFast as error:
            stop.wait(error.after)
            continue
        said.append(body)
        number += 1
        stop.wait(0.02)


def test_a_killed_server_loses_and_doubles_nothing(server: JupyterProcess, join: Join) -> None:
    """Four threads of two clients speak while the server is killed twice; each word is there once."""
    rooms, listener = [join("storm"), join("storm")], join("storm")
    heard: list[str] = []
    listener.on("message")(lambda message: heard.append(message.body))
    stop = threading.Event()
    said: list[list[str]] = [[], [], [], []]
    threads = [
        threading.Thread(target=talk, args=(rooms[who % 2], who, stop, said[who]))
        for who in range(4)
    ]
    for thread in threads:
        thread.start()
    for _ in range(2):
        before = [len(part) for part in said]
        until(lambda b=before: all(len(p) > n + 5 for p, n in zip(said, b, strict=True)))
        server.kill()
        until(lambda: rooms[0].phase.kind == "reconnecting")
        server.start()
    before = [len(part) for part in said]
    until(lambda: all(len(part) > n for part, n in zip(said, before, strict=True)))
    stop.set()
    for thread in threads:
        thread.join()
    acknowledged = [body for part in said for body in part]
    until(lambda: len(heard) >= len(acknowledged), "every message to be heard")
    for bodies in (
        [message.body for message in listener.chat.history(10_000)],
        [message.body for message in join("storm").chat.history(10_000)],
        heard,
    ):
        assert [b for b, n in Counter(bodies).items() if n > 1] == []
        assert set(bodies) == set(acknowledged)
        for part in said:
            spoken = set(part)
            assert [body for body in bodies if body in spoken] == part, "in order"


def test_pictures_come_back_by_themselves(server: JupyterProcess, join: Join) -> None:
    """After a kill sender and watcher find each other again, under new ids and handles."""
    ada, ben = join("picture"), join("picture")
    with ada.publish_video(320, 180, 10) as video:
        video.write(footage.coded_picture(1, 320, 180))
        watching = ben.video[ada.you]
        assert footage.read_code(watching.frame(60)) == 1
        old = ada.you.id
        server.kill()
        until(lambda: ben.phase.kind == ada.phase.kind == "reconnecting")
        server.start()
        until(lambda: ben.phase.kind == ada.phase.kind == "live")
        assert ada.you.id != old
        video.write(footage.coded_picture(2, 320, 180))
        until(lambda: footage.read_code(watching.frame(60)) == 2)
        until(lambda: ada.you.camera)


def test_an_orderly_restart_is_survived_too(server: JupyterProcess, join: Join) -> None:
    """``bye`` with reconnect: the client stays away shortly and comes back to the same log."""
    room = join("orderly")
    room.chat.send("before")
    server.stop()
    until(lambda: room.phase.kind == "reconnecting")
    later: list[str] = []
    sender = threading.Thread(
        target=lambda: later.append(room.chat.send("while away", timeout=90).body)
    )
    sender.start()
    server.start()
    sender.join()
    assert [m.body for m in room.chat.history()] == ["before", "while away"]
    assert [m.mine for m in room.chat.history()] == [True, True]


def test_sound_comes_back_by_itself(server: JupyterProcess, join: Join) -> None:
    """A listener hears the same source again after the server was killed."""
    ada, ben = join("sound"), join("sound")
    stop = threading.Event()
    with ada.publish_audio() as sound:

        def hum() -> None:
            t = np.arange(4800) / 48_000
            while not stop.is_set():
                sound.write((0.2 * np.sin(2 * np.pi * 440 * t)).astype(np.float32))

        hummer = threading.Thread(target=hum)
        hummer.start()
        listening = ben.audio[ada.you]
        assert listening.samples(9600, 60).std() > 0.05
        server.kill()
        until(lambda: ben.phase.kind == ada.phase.kind == "reconnecting")
        server.start()
        until(lambda: ben.phase.kind == ada.phase.kind == "live")
        until(lambda: listening.samples(9600, 60).std() > 0.05)
        stop.set()
        hummer.join()
