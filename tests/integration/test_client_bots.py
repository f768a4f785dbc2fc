"""``meetwidget bot`` as a person in the room meets it: the examples, as processes of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from meetwidget import Bot, tickets
from meetwidget.errors import MeetError
from meetwidget.messages import Message
from meetwidget.room import Room
from tests.integration.client_rig import Join, joining, server_in
from tests.integration.small_relay import until
from tests.jupyter_process import JupyterProcess

PATIENCE_S = 60.0
"""A loaded machine may take its time."""
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    with server_in(tmp_path_factory.mktemp("server")) as server:
        yield server


@contextmanager
def people(server: JupyterProcess, name: str) -> Iterator[Join]:
    """Joins as a person of that user name: bots obey nobody else."""
    headers = tickets.headers
    with joining(server) as join:

        def join_as_person(room: str) -> Room:
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(tickets, "CLIENT", "browser")
                patch.setattr(
                    tickets,
                    "headers",
                    lambda endpoint: {**headers(endpoint), "Cookie": f"test-person={name}"},
                )
                return join(room)

        yield join_as_person


@pytest.fixture
def join(server: JupyterProcess) -> Iterator[Join]:
    with people(server, "ada-byron") as join:
        yield join


@pytest.fixture
def start(server: JupyterProcess, tmp_path: Path) -> Iterator[Start]:
    """Starts a bot in an empty folder, as somebody would from a terminal."""
    running: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "meetwidget", "bot", *arguments),
                *("--url", server.url, "--token", server.token),
            ],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=tmp_path,
            env=server.environment,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


def said(room: Room) -> list[Message]:
    return [m for m in room.chat.history(100) if m.by.kind == "kernel"]


def hears(room: Room, words: str) -> Message:
    """Waits until a kernel has said something with these words."""
    found = until(lambda: [m for m in said(room) if words in m.body], repr(words))
    return found[-1]  # type: ignore[no-any-return]


def ended(process: subprocess.Popen[str]) -> str:
    """Ends a bot as Ctrl-C does; returns what it printed."""
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0, output
    assert "Traceback" not in output, output
    return output


def test_the_quiz_master_asks_and_counts(
    start: Start, join: Join, server: JupyterProcess, tmp_path: Path
) -> None:
    """A question of one's own becomes a poll; when all have voted it closes, and the score is told."""
    (tmp_path / "week.toml").write_text(
        '[[question]]\nask = "Two and two?"\noptions = ["3", "4"]\nanswer = "4"\n'
        '[[question]]\nask = "The sky?"\noptions = ["blue", "green"]\nanswer = "blue"\n',
        encoding="utf-8",
    )
    ada = join("quiz")
    bot = start("examples/quiz", "--room", "quiz", "--questions", "week.toml", "--seconds", "60")
    hears(ada, "!quiz")
    assert any(str(person).startswith("Quiz master · ") for person in ada.people)
    with people(server, "ben-noll") as enter:
        ben = enter("quiz")
        ada.chat.send("!quiz")
        for number, (adas, bens) in enumerate([("4", "4"), ("blue", "green")], 1):
            poll = hears(ada, f"**{number}/2**")
            ada.polls[poll].vote(adas)
            hears(ben, f"**{number}/2**")
            ben.polls[poll].vote(bens)
            until(lambda poll=poll: ada.polls[poll].closed, "the end of the poll")
    final = hears(ada, "That was the quiz!")
    assert "| Ada Byron | 2 |" in final.body
    assert "| Ben Noll | 1 |" in final.body
    assert "Ada Byron knew it" in hears(ada, "It is **blue**").body
    ended(bot)
    until(lambda: len(ada.people) == 1, "its leaving")


def test_the_transcript_keeper_writes_what_is_said(
    start: Start, join: Join, tmp_path: Path
) -> None:
    """The file has people, messages as they read now and polls, but nothing that was said privately."""
    ada = join("minutes")
    bot = start("examples/transcript", "--room", "minutes", "--out", "kept")
    hears(ada, "I keep a transcript")
    first = ada.chat.send("We **beginn** now.")
    ada.chat.edit(first, "We **begin** now.")
    ada.chat.delete(ada.chat.send("never mind"))
    ada.chat.send("between us", to=[p for p in ada.people if p.kind == "kernel"])
    ada.polls.ask("Tea?", "yes", "no").vote("yes")

    def text() -> str:
        return "".join(p.read_text(encoding="utf-8") for p in (tmp_path / "kept").glob("*.md"))

    until(lambda: "| yes | 1 |" in text(), "the poll in the transcript")
    assert "# Transcript of minutes" in text()
    assert "Ada Byron is here" in text()
    assert "We **begin** now." in text()
    for absent in ("beginn", "never mind", "between us"):
        assert absent not in text()
    ada.chat.send("!minutes")
    sent = hears(ada, "Here it is")
    assert sent.to is not None
    assert "We **begin** now." in ada.files.read(sent.files[0]).decode()
    assert ".md" in ended(bot)
    assert [path.suffix for path in (tmp_path / "kept").iterdir()] == [".md"]


def test_edges_are_a_tile_of_their_own(start: Start, join: Join) -> None:
    """Outlines of somebody's camera appear beside it, and go when the camera goes."""
    ada = join("edges")
    bot = start("examples/edges", "--room", "edges")
    until(lambda: len(ada.people) == 2, "the bot")
    kernel = next(p for p in ada.people if p.kind == "kernel")
    picture = np.zeros((360, 640, 3), np.uint8)
    picture[:, 320:] = 255
    with ada.publish_video(640, 360, 10) as video:
        video.write(picture)
        drawn = ada.video[kernel, "data:edges"]
        outlines = drawn.frame(PATIENCE_S).astype(int).sum(axis=2)
        assert outlines.shape == (360, 640)
        assert outlines[:, 316:324].max(axis=1).mean() > 3 * outlines[:, :300].mean(), (
            "a bright edge"
        )
    until(lambda: not _streams_of(ada, kernel.id), "the tile's end")
    ended(bot)


def _streams_of(room: Room, owner: str) -> list[str]:
    return [stream.source for stream in room._state.streams() if stream.owner == owner]


def test_commands_timers_and_mistakes(join: Join, server: JupyterProcess) -> None:
    """A bot in a program obeys words, lists them, tells mistakes to who asked, and ends with its room."""
    bot, heard = Bot("parrot", "I repeat."), []
    bot.option("--times", type=int, default=2)
    ticks: list[str] = []

    @bot.command("say", "what to repeat")
    def say(room: Room, message: Message, rest: str) -> None:
        if not rest:
            raise MeetError("Say what I should say.")
        room.chat.send(" ".join([rest] * bot.options.times))

    @bot.on("message")
    def note(room: Room, message: Message) -> None:
        heard.append((room.name, message.body))

    @bot.every(0.01)
    def tick(room: Room) -> None:
        ticks.append(room.name)

    @bot.end
    def finish(room: Room) -> None:
        ticks.append("end")

    ada = join("parrot")
    with joining(server) as enter:
        room = enter("parrot")
        seat = bot.enter(room)
        until(lambda: any(p.state.status == "parrot" for p in ada.people), "its name")
        ada.chat.send("!say hello")
        hears(ada, "hello hello")
        ada.chat.send("!say")
        assert hears(ada, "Say what I should say.").to is not None
        ada.chat.send("!help")
        assert "- `!say` what to repeat" in hears(ada, "I am the **parrot**: I repeat.").body
        assert ("parrot", "!say hello") in heard
        until(lambda: "parrot" in ticks, "a tick")
        again = bot.enter(room)
        assert seat.wait(PATIENCE_S) == "left"
        assert ticks.count("end") == 1
        ada.chat.send("!say once")
        hears(ada, "once once")
        assert sum("once once" in m.body for m in said(ada)) == 1, "not from both seats"
        again.leave()
        assert room.phase.kind == "live", "a bot may leave a room that goes on"
    assert again.wait(PATIENCE_S) == "left"
    assert ticks.count("end") == 2


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("x = 1", "makes no bot"),
        ("import meetwidget as m\na, b = m.Bot('a'), m.Bot('b')", "makes 2 bots"),
        ("import meetwidget as m\nbot = m.Bot('a')\n@bot.on('mesage')\ndef f(): pass", "'message'"),
    ],
)
def test_a_file_without_a_bot_is_told_in_a_line(
    code: str, words: str, start: Start, tmp_path: Path
) -> None:
    """What is wrong with a file, in one line, before anything joins."""
    (tmp_path / "mine.py").write_text(code, encoding="utf-8")
    process = start("mine.py", "--room", "lost")
    output, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 1
    assert words in output
    assert len(output.strip().splitlines()) == 1


_UNFINISHED = """
import asyncio, sys
import numpy as np
import meetwidget

def pictures():
    while True:
        yield np.zeros((180, 320, 3), np.uint8)

url, token = sys.argv[1:]
room = meetwidget.join("exit", url=url, token=token)
other = meetwidget.join("exit", url=url, token=token)
room.publish_video(frames=pictures())
other.video[room.you].frame(60)
bot = meetwidget.Bot("unfinished")

@bot.every(0.01)
def tick(room):
    room.people

@bot.video(source="data:more")
def show(room):
    yield from pictures()

bot.enter(room)

async def listen():
    async for chunk in other.audio[room.you].chunks(timeout=None):
        print(chunk)

try:
    asyncio.run(asyncio.wait_for(listen(), 0.2))
except TimeoutError:
    print("end")
"""


def test_a_program_ends_whatever_still_runs(join: Join, server: JupyterProcess) -> None:
    """With tiles, timers, watchers and an awaited chunk: no hang, no word on stderr, everybody gone."""
    ada = join("exit")
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", _UNFINISHED, server.url, server.token],
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE_S,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "end\n", "")
    until(lambda: len(ada.people) == 1, "their leaving")
