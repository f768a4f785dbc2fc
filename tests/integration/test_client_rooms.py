"""Chat and people between kernel clients, through a real Jupyter server."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import meetwidget
from meetwidget.errors import JoinFailed, NotConnected, Refused
from meetwidget.room import Room
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


def test_what_one_says_the_other_reads(join: Join) -> None:
    """A message is confirmed to its sender, heard by callbacks and read from history."""
    ada, ben = join("two"), join("two")
    heard: list[meetwidget.Message] = []
    ben.on("message")(heard.append)
    said = ada.chat.send("Good *morning*")
    (message,) = until(lambda: heard)
    assert (message.id, message.offset, message.body) == (said.id, said.offset, "Good *morning*")
    assert message.by.id == ada.you.id
    assert (said.mine, message.mine) == (True, False)
    assert abs((message.at - said.at).total_seconds()) < 0.001
    assert [m.id for m in ben.chat.history()] == [said.id]
    assert [m.mine for m in ada.chat.history()] == [True]


def test_kernels_are_labelled_as_kernels(join: Join) -> None:
    """The relay stamps who it is; people see at once that a kernel speaks."""
    room = join("labels")
    assert room.you.kind == "kernel"
    assert room.you.display_name.endswith("(kernel)")
    assert room.you.you
    assert "(kernel)" in repr(room)


def test_people_come_and_go(join: Join) -> None:
    """Joining, raising a hand and leaving reach the others' callbacks and lists."""
    ada = join("people")
    happened: list[str] = []
    for name in ("join", "hand", "leave"):
        ada.on(name)(lambda who, name=name: happened.append(name))
    ben = join("people")
    until(lambda: len(ada.people) == 2)
    ben.hand()
    until(lambda: [person.id for person in ada.hands] == [ben.you.id])
    ben.leave()
    until(lambda: len(ada.people) == 1)
    until(lambda: len(happened) == 3)
    assert happened == ["join", "hand", "leave"]


def test_edits_reactions_and_deletions_are_shared(join: Join) -> None:
    """History is what people read now, whoever asks."""
    ada, ben = join("edits"), join("edits")
    first, second = ada.chat.send("one"), ada.chat.send("two")
    ada.chat.edit(first, "uno")
    ben.chat.react(first, "🎉")
    ada.chat.delete(second)
    (message,) = until(
        lambda: (found := ben.chat.history()) and len(found) == 1 and found[0].reactions and found
    )
    assert (message.body, message.edited, list(message.reactions)) == ("uno", True, ["🎉"])
    reply = ben.chat.send("indeed", reply_to=message)
    assert (
        until(lambda: [m for m in ada.chat.history() if m.id == reply.id])[0].reply_to == first.id
    )


def test_a_mime_bundle_travels_along(join: Join) -> None:
    """Data of a kernel reach the others as they are."""
    ada, ben = join("bundle"), join("bundle")
    bundle = {"text/plain": "42", "application/json": {"a": [1, 2.5, None]}}
    ada.chat.send("see", data=bundle)
    assert until(ben.chat.history)[0].data == bundle


def test_older_messages_are_asked_of_the_relay(join: Join) -> None:
    """A newcomer's history goes back beyond the 200 events of the welcome."""
    ada = join("long")
    for number in range(230):
        until(lambda n=number: _said(ada, str(n)))
    ben = join("long")
    assert [m.body for m in ben.chat.history(225)] == [str(n) for n in range(5, 230)]
    assert len(ben.chat.history(1000)) == 230
    assert [m.body for m in ben.chat.history(3)] == ["227", "228", "229"]
    assert ben.chat.history(0) == []


def _said(room: Room, body: str) -> bool:
    try:
        room.chat.send(body)
    except meetwidget.TooFast as error:
        threading.Event().wait(error.after)
        return False
    return True


def test_too_many_messages_say_how_long_to_wait(join: Join) -> None:
    """The rate limit is an exception with the seconds, and the room goes on."""
    room = join("flood")

    def flood() -> None:
        for number in range(1000):
            room.chat.send(str(number))

    with pytest.raises(meetwidget.TooFast) as failure:
        flood()
    assert 0 < failure.value.after < 30
    threading.Event().wait(failure.value.after)
    room.chat.send("calm again")


def test_somebody_elses_message_cannot_be_touched(join: Join) -> None:
    """A refusal of the relay is an exception with its words."""
    room = join("rights")
    with pytest.raises(Refused):
        room.chat.edit("no-such-message", "x")


def test_a_wrong_token_is_said_at_once(server: JupyterProcess) -> None:
    """No traceback of a socket, no waiting for a timeout."""
    with pytest.raises(JoinFailed, match="token"):
        meetwidget.join("x", url=server.url, token="wrong")


def test_a_server_without_the_extension_is_named(server: JupyterProcess) -> None:
    """A base URL where nothing relays gets the advice to install."""
    with pytest.raises(JoinFailed, match="meetwidget"):
        meetwidget.join("x", url=f"{server.url}elsewhere", token=server.token)


def test_leaving_ends_everything(join: Join) -> None:
    """After ``leave`` calls raise, threads are gone, and joining again works."""
    room = join("leave")
    room.leave()
    with pytest.raises(NotConnected, match="left"):
        room.chat.send("x")
    assert not [t for t in threading.enumerate() if t.name == "meetwidget leave"]
    assert join("leave").chat.history() == []


def test_a_block_leaves_at_its_end(server: JupyterProcess, join: Join) -> None:
    """``with meetwidget.join(…)`` cleans up after an exception, too."""
    watcher = join("block")

    def fail_inside() -> None:
        with meetwidget.join("block", url=server.url, token=server.token):
            until(lambda: len(watcher.people) == 2)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_inside()
    until(lambda: len(watcher.people) == 1)


def test_many_threads_speak_in_one_room(join: Join) -> None:
    """Every message is there once, each thread's own in its order."""
    ada, ben = join("threads"), join("threads")

    def speak(who: int) -> None:
        for number in range(5):
            until(lambda n=number: _said(ada, f"{who} {n}"))

    threads = [threading.Thread(target=speak, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    bodies = until(lambda: len(found := ben.chat.history(100)) == 20 and [m.body for m in found])
    for who in range(4):
        assert [b for b in bodies if b.startswith(f"{who} ")] == [f"{who} {n}" for n in range(5)]


_SCRIPT = """
import meetwidget, os, sys
room = meetwidget.join("script", url=sys.argv[1], token=sys.argv[2], timeout=60)
room.chat.send("from a script")
{rest}
"""


def _run(server: JupyterProcess, rest: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", _SCRIPT.format(rest=rest), server.url, server.token],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **env},
    )


def test_a_script_that_just_ends_leaves_the_room(server: JupyterProcess, join: Join) -> None:
    """Others see it go at once, and nothing is printed on the way out."""
    watcher = join("script")
    reasons: list[str] = []
    watcher.on("leave")(lambda who: reasons.append(str(who)))
    done = _run(server, "")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    until(lambda: reasons)
    assert not [p for p in watcher.people if p.away]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_leaves_the_parents_connection_alone(
    server: JupyterProcess, join: Join
) -> None:
    """The child is told to join by itself; the parent's room goes on and outlives it."""
    done = _run(
        server,
        """
pid = os.fork()
if pid == 0:
    try:
        room.chat.send("from the child")
    except meetwidget.NotConnected as error:
        print("child:", error, flush=True)
        print(repr(room), flush=True)
    room.leave()
    sys.exit(0)
os.waitpid(pid, 0)
print("parent:", room.chat.send("still here").body)
print(len(room.people))
""",
    )
    assert done.returncode == 0, done.stderr
    assert "child: This process was forked" in done.stdout
    assert "parent: still here" in done.stdout
    assert done.stderr == ""


def test_it_works_under_a_running_event_loop(server: JupyterProcess) -> None:
    """A notebook's cells run inside a loop: joining and sending there must not deadlock."""
    done = _run(
        server,
        """
import asyncio
async def main():
    with meetwidget.join("loop", url=sys.argv[1], token=sys.argv[2], timeout=60) as inner:
        print(inner.chat.send("inside a loop").body)
asyncio.run(main())
""",
    )
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "inside a loop", "")


def test_a_terminal_finds_the_only_server_and_never_guesses(
    server: JupyterProcess, tmp_path: Path
) -> None:
    """With one server running ``join`` needs no URL; with a second one it asks which."""
    code = (
        "import meetwidget\n"
        "try:\n"
        "    with meetwidget.join('terminal', timeout=60) as room: print(room.url)\n"
        "except meetwidget.NoRelay as error: print('NoRelay:', error)"
    )

    def run() -> str:
        return subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            timeout=120,
            env=server.environment,
            check=True,
        ).stdout

    assert f":{server.port}/" in run()
    other = Path(server.folder) / "runtime" / f"jpserver-{os.getpid()}.json"
    other.write_text(f'{{"url": "http://localhost:9/", "pid": {os.getpid()}, "token": ""}}')
    try:
        answer = run()
    finally:
        other.unlink()
    assert answer.startswith("NoRelay:")
    assert f":{server.port}/" in answer
    assert "http://localhost:9/" in answer


@pytest.mark.parametrize("base_url", ["/user/lab/", "/a@b/"])
def test_any_base_url_will_do(tmp_path: Path, base_url: str) -> None:
    """A hub's prefixes, with characters that need escaping or that look like Lab's own paths."""
    with (
        JupyterProcess(tmp_path, program="jupyter_server", base_url=base_url) as server,
        meetwidget.join("course-101/lab-3", url=f"{server.url}?token={server.token}") as room,
    ):
        room.chat.send("hi")
        assert [m.body for m in room.chat.history(500)] == ["hi"]
        assert room.url.startswith(f"http://127.0.0.1:{server.port}/")
