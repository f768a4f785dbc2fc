"""The demo bot as a process: what one person alone sees of a meeting."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from meetwidget import tickets
from meetwidget.people import Person
from meetwidget.room import Room
from tests.integration.client_rig import Join, joining, server_in
from tests.integration.small_relay import until
from tests.jupyter_process import JupyterProcess


@pytest.fixture
def server(tmp_path: Path) -> Iterator[JupyterProcess]:
    with server_in(tmp_path) as server:
        yield server


@pytest.fixture
def join(server: JupyterProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Join]:
    """Joins as a person: the bot greets and answers nobody else."""
    headers = tickets.headers
    monkeypatch.setattr(tickets, "CLIENT", "browser")
    # The server's test identity: somebody with the same name after a restart, as by a login.
    monkeypatch.setattr(
        tickets,
        "headers",
        lambda endpoint: {**headers(endpoint), "Cookie": "test-person=ada-byron"},
    )
    with joining(server) as join:
        yield join


@pytest.fixture
def bot(server: JupyterProcess) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "meetwidget.bot", "--room", "demo"),
            *("--url", server.url, "--token", server.token),
        ],
        stderr=subprocess.PIPE,
        text=True,
        env=server.environment,
    )
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def bot_in(room: Room) -> Person:
    found = until(lambda: [person for person in room.people if person.kind == "kernel"], "the bot")
    return found[0]  # type: ignore[no-any-return]


def said(room: Room) -> list[str]:
    return [m.body for m in room.chat.history(100) if m.by.kind == "kernel"]


def test_one_person_alone_sees_a_working_meeting(bot: subprocess.Popen[str], join: Join) -> None:
    """Greeting, answers, a picture that moves and a tune that sounds; then a clean end."""
    room = join("demo")
    who = bot_in(room)
    until(lambda: len(said(room)) == 1, "a greeting")
    assert "Hello Ada Byron" in said(room)[0]
    room.chat.send("what is 6 * 7?")
    until(lambda: "That makes **42**." in said(room))
    room.chat.send("who is here?")
    until(lambda: any("2 in the room" in body for body in said(room)))
    until(lambda: bot_in(room).camera and bot_in(room).microphone)
    watching = room.video[who]
    first = watching.frame(60)
    assert first.shape[2] == 3
    assert first.std() > 10, "not one flat colour"
    until(lambda: watching.decoded > 10)
    assert (watching.frame() != first).any()
    until(lambda: room.audio[who].samples(48_000, 60).std() > 0.001, "a note")
    room.chat.send("hooray!")
    bot.send_signal(signal.SIGTERM)
    until(lambda: len(room.people) == 1)
    assert bot.wait(30) == 0


def test_it_comes_back_with_the_server_and_greets_once(
    server: JupyterProcess, bot: subprocess.Popen[str], join: Join
) -> None:
    """After a crash of the server the bot answers again, and does not greet a second time."""
    room = join("demo")
    until(lambda: len(said(room)) == 1)
    server.kill()
    until(lambda: room.phase.kind == "reconnecting")
    server.start()
    until(lambda: room.phase.kind == "live")
    bot_in(room)
    room.chat.send("bot, help", timeout=60)
    until(lambda: any("You can ask me" in body for body in said(room)))
    watching = room.video[bot_in(room)]
    watching.frame(60)
    assert sum("good to see you" in body for body in said(room)) == 1
    assert bot.poll() is None
