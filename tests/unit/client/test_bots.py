"""Declaring a bot, finding its file, and the command for terminals; no room."""

from __future__ import annotations

import importlib
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock

import numpy as np
import pytest

import meetwidget
from meetwidget import cli
from meetwidget.bots import loading, running
from meetwidget.bots.bot import Bot
from meetwidget.errors import MeetError
from meetwidget.examples import edges, quiz, transcript
from meetwidget.messages import Ballot, File, Message, Vote
from meetwidget.people import Someone
from meetwidget.wire.control import User

ADA = Someone("p1", User("ada", "Ada", "A", "red"), "person")
ROOT = Path(__file__).resolve().parents[3]


def message(body: str, **more: Any) -> Message:
    return Message("m1", body, ADA, datetime(2026, 3, 1, 12, tzinfo=UTC), 1, **more)


def test_a_function_defined_again_takes_the_place_of_the_earlier() -> None:
    """A notebook's cell that runs twice makes no bot that does everything twice."""
    bot = Bot("twice")
    for _ in range(2):

        @bot.on("message")
        @bot.on("edit")
        def heard(room: Any, message: Any) -> None: ...

        @bot.command("word")
        def word(room: Any, message: Any, rest: str) -> None: ...

        @bot.every(1)
        @bot.start
        @bot.end
        def tick(room: Any) -> None: ...

        @bot.video(source="data:a")
        def show(room: Any) -> list[Any]:
            return []

    assert [name for name, _ in bot.callbacks] == ["edit", "message"]
    counts = [len(bot.commands), len(bot.timers), len(bot.starts), len(bot.ends), len(bot.tiles)]
    assert counts == [1] * 5
    assert repr(bot) == "<Bot 'twice': !word>"
    for _ in range(2):
        bot.on("message")(lambda room, message: None)
    assert len(bot.callbacks) == 4


def test_what_makes_no_sense_is_told_while_it_is_declared() -> None:
    """Happenings that do not exist, words that cannot be commands, no time at all."""
    bot = Bot("wrong")
    with pytest.raises(MeetError, match="'message'"):
        bot.on("mesage")
    for word in ("two words", "help", "", "Über", "!x"):
        with pytest.raises(MeetError, match="cannot be a command"):
            bot.command(word)
    with pytest.raises(MeetError, match="more than 0"):
        bot.every(0)


def test_options_have_their_defaults_without_a_command_line() -> None:
    """A bot in a notebook reads the same options as one started from a terminal."""
    bot = Bot("options")
    bot.option("--times", type=int, default=2)
    assert bot.options.times == 2
    bot.options.times = 3
    assert bot.options.times == 3
    bot.option("--loud", action="store_true")
    assert bot.options.loud is False


def test_examples_are_found_from_anywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By their name, with or without folder and ending; a file of one's own comes first."""
    monkeypatch.chdir(tmp_path)
    assert set(loading.examples()) == {"edges", "quiz", "transcript"}
    for name in ("quiz", "quiz.py", "examples/quiz", "examples/quiz.py"):
        assert loading.find(name) == loading.EXAMPLES / "quiz.py"
    (tmp_path / "quiz.py").write_text("")
    assert loading.find("quiz.py") == Path("quiz.py")
    for name in ("elsewhere/quiz", "quiz.txt", "nothing", "__init__"):
        with pytest.raises(MeetError, match="examples/edges, examples/quiz"):
            loading.find(name)


@pytest.mark.parametrize("name", ["edges", "quiz", "transcript"])
def test_each_example_is_a_bot_that_says_what_it_is(name: str) -> None:
    """It loads, has a sentence for help, and the list of examples has one."""
    bot = loading.load(loading.find(name))
    assert bot.about.endswith(".")
    assert len(loading.examples()[name]) < 80


def test_the_command_says_how_it_is_used(capsys: pytest.CaptureFixture[str]) -> None:
    """Without words, with a wrong one, and for a bot's own options."""
    assert cli.main([]) == 0
    assert "examples/quiz" in capsys.readouterr().out
    assert cli.main(["bto"]) == 2
    assert "usage: meetwidget bot" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        cli.main(["bot", "examples/quiz", "--help"])
    assert "--questions" in capsys.readouterr().out
    assert cli.main(["bot", "examples/quiz", "--room", "bad/../name"]) == 1
    assert "room name" in capsys.readouterr().err


def test_the_installed_command_is_this_one() -> None:
    """What the package installs as ``meetwidget`` exists."""
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    module, _, name = scripts["meetwidget"].partition(":")
    assert getattr(importlib.import_module(module), name) is cli.main
    assert meetwidget.Bot is Bot


class Joined:
    """A room that was joined."""

    def __enter__(self) -> Joined:
        return self

    def __exit__(self, *_: object) -> None: ...


def test_a_bot_comes_back_until_it_is_sent_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without its name where none may be chosen, after failures and losses, but not after a removal."""
    names: list[str | None] = []
    answers = iter([MeetError("no", "no-names"), MeetError("down"), "lost", "removed", "never"])

    def join(room: str, *, name: str | None, **_: Any) -> Joined:
        names.append(name)
        if isinstance(answer := next(answers), MeetError):
            raise answer
        codes.append(answer)
        return Joined()

    codes: list[str] = []
    monkeypatch.setattr(running, "join", join)
    monkeypatch.setattr(running, "time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr(running, "signal", MagicMock())
    running.take_part("lab", None, None, lambda room: codes[-1], "Parrot")
    assert names == ["Parrot", None, None, None]
    assert codes == ["lost", "removed"]


def test_edges_are_where_pictures_change() -> None:
    """A vertical step is bright in its two columns only; nothing wraps around the border."""
    picture = np.zeros((20, 30, 3), np.uint8)
    picture[:, 15:] = 255
    drawn = edges.outlines(picture).astype(int).sum(axis=2)
    assert drawn.shape == (20, 30)
    assert set(np.nonzero(drawn[10] > drawn[10, 0])[0]) == {14, 15}
    assert (drawn == drawn[0]).all()


def test_a_transcript_reads_as_markdown() -> None:
    """People, days, polls, files and shared data; nothing said in it can break its form."""
    poll = Ballot(("a|b", "c"), False, (Vote(ADA, ("c",)),), True)
    text = transcript.render(
        "lab",
        [
            message("**hello**", reactions={"👍": (ADA,)}),
            message("Which?", poll=poll),
            message("", files=(File("f", "plot.png", "image/png", 5),)),
            message("look", data={"text/plain": "```\nx = 1"}),
        ],
        [(datetime(2026, 3, 2, 12, tzinfo=UTC), "Ada left")],
    )
    for part in (
        "# Transcript of lab\n\n## Sunday, 01 March 2026",
        "Ada**\n\n**hello**\n\n👍 1",
        "| closed | votes |\n|---|---:|\n| a\\|b | 0 |\n| c | 1 |",
        "📎 plot.png",
        "look\n\n````\n```\nx = 1\n````",
        "## Monday, 02 March 2026",
    ):
        assert part in text


def test_quiz_questions_are_checked(tmp_path: Path) -> None:
    """A file that cannot be read, and a question whose answer is none of its options."""
    path = tmp_path / "week.toml"
    quiz.bot.options.questions = path
    try:
        with pytest.raises(MeetError, match="cannot be read"):
            quiz.questions()
        path.write_text('[[question]]\nask = "?"\noptions = ["a", "b"]\nanswer = "c"\n')
        with pytest.raises(MeetError, match="Question 1 needs"):
            quiz.questions()
        path.write_text('[[question]]\nask = "?"\noptions = ["a", "b"]\nanswer = "a"\n')
        assert quiz.questions() == [quiz.Question("?", ("a", "b"), "a")]
    finally:
        quiz.bot.options.questions = None
    assert all(question.answer in question.options for question in quiz.questions())
