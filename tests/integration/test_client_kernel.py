"""In a real kernel under a real Jupyter server: found by itself, alive while cells run."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.client_rig import Join, joining, server_in
from tests.integration.server_kernel import CELL_S, Kernel
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


@pytest.fixture
def kernel(server: JupyterProcess) -> Iterator[Kernel]:
    kernel = Kernel(server)
    yield kernel
    kernel.close()


def test_a_kernel_finds_its_own_server(server: JupyterProcess, kernel: Kernel) -> None:
    """``join`` needs no address in a notebook, even when other servers run."""
    other = Path(server.folder) / "runtime" / f"jpserver-{os.getpid()}.json"
    other.write_text(f'{{"url": "http://localhost:9/", "pid": {os.getpid()}, "token": ""}}')
    try:
        out = kernel.run("import meetwidget\nroom = meetwidget.join('own', timeout=60)\nroom")
    finally:
        other.unlink()
    assert "<Room 'own' at " in out
    assert f":{server.port}/" in out
    assert "(kernel)" in kernel.run("room.people")


def test_credentials_stay_out_of_what_is_printed(server: JupyterProcess, kernel: Kernel) -> None:
    """Neither the room nor its endpoint shows the secret that opened it."""
    out = kernel.run(
        "import meetwidget, os\n"
        "room = meetwidget.join('secret', timeout=60)\n"
        "print(room, room.phase, room._client.endpoint)\n"
        "print(os.environ['MEETWIDGET_SECRET'] in repr([room, room._client.endpoint]))"
    )
    assert out.strip().endswith("False")
    assert server.token not in out


@pytest.mark.parametrize(
    "busy",
    [
        "import time; time.sleep(600)",
        "while True: sum(range(1000))",
        "for event in room.events('typing'): pass",
    ],
    ids=["sleep", "loop", "events"],
)
def test_a_busy_cell_delays_nothing(kernel: Kernel, join: Join, busy: str) -> None:
    """While a cell sleeps or computes, the kernel hears, answers, and its pictures arrive."""
    kernel.run(
        "import meetwidget, threading, time\n"
        "import numpy as np\n"
        "room = meetwidget.join('busy', timeout=60)\n"
        "video = room.publish_video(64, 64, 10)\n"
        "video.write(np.full((64, 64, 3), 200, np.uint8))\n"
        "@room.on('message')\n"
        "def answer(message):\n"
        "    room.chat.send('pong ' + message.body)\n"
    )
    room = join("busy")
    heard: list[str] = []
    room.on("message")(lambda message: heard.append(message.body))
    cell = kernel.start(busy)
    for number in range(3):
        room.chat.send(str(number))
        until(lambda n=number: f"pong {n}" in heard)
    picture = room.video[next(who for who in room.people if not who.you)].frame(60)
    assert picture.mean() > 180
    assert kernel.running()
    kernel.interrupt()
    kernel.finish(cell, failing=True)


def test_a_kernel_that_is_shut_down_leaves_at_once(kernel: Kernel, join: Join) -> None:
    """Closing the notebook is no lost connection: nobody sees it as away."""
    room = join("gone")
    states: list[bool] = []
    room.on("state")(lambda who: states.append(who.away))
    kernel.run("import meetwidget\nroom = meetwidget.join('gone', timeout=60)")
    until(lambda: len(room.people) == 2)
    kernel.shut_down()
    until(lambda: len(room.people) == 1)
    assert True not in states


def test_the_magic_from_first_to_last(kernel: Kernel, join: Join) -> None:
    """Show, say, who, rooms, status and leave: text answers, and the others see what was done."""
    room = join("magic/lab-1")
    heard: list[str] = []
    room.on("message")(lambda message: heard.append(message.body))
    assert kernel.run("%load_ext meetwidget") == ""
    assert "did you mean `%meet join`" in kernel.run("%meet jonn magic/lab-1")
    shown = kernel.run("%meet join magic/lab-1")
    assert "application/vnd.jupyter.widget-view+json" in shown
    assert len(room.people) == 1, "showing the room does not bring the kernel in"
    said = kernel.run("%meet say Hello, it's 'quoted' & {braced}")
    assert "(kernel): Hello, it's 'quoted' & {braced}" in said
    until(lambda: heard == ["Hello, it's 'quoted' & {braced}"])
    assert len(room.people) == 2
    assert "this kernel" in kernel.run("%meet who")
    assert "magic/lab-1: 2 participants" in kernel.run("%meet rooms")
    assert "This kernel: live" in kernel.run("%meet status")
    assert kernel.run("%meet leave").strip() == "Left magic/lab-1."
    until(lambda: len(room.people) == 1)


def test_running_the_cells_again_is_no_second_participant(kernel: Kernel, join: Join) -> None:
    """A notebook's cells run again and again: one participant, and one answer to each message."""
    room = join("again")
    heard: list[str] = []
    room.on("message")(lambda message: heard.append(message.body))
    joining_cell = "import meetwidget\nroom = meetwidget.join('again', timeout=60)\nroom"
    answering_cell = "@room.on('message')\ndef answer(message):\n    room.chat.send('pong')"
    for _ in range(2):
        kernel.run(joining_cell)
        kernel.run(answering_cell)
        kernel.run(answering_cell)
    until(lambda: len(room.people) == 2)
    room.chat.send("ping")
    until(lambda: heard)
    kernel.run("room.chat.send('last')")
    until(lambda: "last" in heard)
    assert heard == ["pong", "last"]


def test_the_magic_speaks_through_the_users_own_room(kernel: Kernel, join: Join) -> None:
    """``%meet say`` after ``meetwidget.join`` is the same participant."""
    room = join("same")
    kernel.run("%load_ext meetwidget\n%meet join same")
    kernel.run("import meetwidget\nroom = meetwidget.join('same', timeout=60)")
    kernel.run("%meet say hello")
    assert [m.body for m in until(room.chat.history)] == ["hello"]
    assert len(room.people) == 2
    kernel.run("%meet leave")
    assert "live" in kernel.run("room.phase.kind")


def test_two_kernels_participants_can_be_had_on_purpose(kernel: Kernel, join: Join) -> None:
    """``replace=False`` brings the kernel in a second time."""
    room = join("twice")
    kernel.run(
        "import meetwidget\n"
        "rooms = [meetwidget.join('twice', timeout=60, replace=False) for _ in range(2)]"
    )
    until(lambda: len(room.people) == 3)
    kernel.run("for each in rooms: each.leave()")
    until(lambda: len(room.people) == 1)


def test_an_error_in_a_cell_is_one_sentence(kernel: Kernel) -> None:
    """The last line of the traceback says what to do."""
    started = time.monotonic()
    out = kernel.run(
        "import meetwidget\n"
        "try:\n    meetwidget.join('no spaces')\n"
        "except ValueError as error:\n    print(error)"
    )
    assert "A room name has letters" in out
    assert time.monotonic() - started < CELL_S
