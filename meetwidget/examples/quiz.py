"""Quiz master: asks questions as polls, tells the answers, keeps the score.

meetwidget bot examples/quiz --room physics-101 --questions week3.toml

Questions are TOML:

    [[question]]
    ask = "What does a Fourier transform turn a shift in time into?"
    options = ["A shift in frequency", "A phase", "A scale"]
    answer = "A phase"
"""

from __future__ import annotations

import threading
import time
import tomllib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from meetwidget import Bot, MeetError, Message, Poll, Room

PAUSE_SECONDS = 3.0
"""To read an answer before the next question."""


@dataclass(frozen=True)
class Question:
    """One question."""

    ask: str
    options: tuple[str, ...]
    answer: str


QUESTIONS = (
    Question("Which of these is *not* a NumPy dtype?", ("float16", "int24", "complex64"), "int24"),
    Question("`np.arange(6).reshape(2, 3).T.shape` is …", ("(2, 3)", "(3, 2)", "(6,)"), "(3, 2)"),
    Question(
        "How many people must be in a room for two to share a birthday more likely than not?",
        ("23", "58", "183"),
        "23",
    ),
    Question("What is $\\int_0^\\infty e^{-x}\\,dx$?", ("0", "1", "$e$", "∞"), "1"),
)

bot = Bot("Quiz master", "I ask questions, one after the other, and keep the score.")
bot.option("--questions", type=Path, metavar="FILE", help="a TOML file; by default four of my own")
bot.option("--seconds", type=float, default=20.0, help="time to answer each question")

_playing = threading.Lock()
_stop = threading.Event()


@bot.start
def begin(room: Room) -> None:
    """Reads the questions, so that a mistake in them is told at once, and says how to play."""
    questions()
    room.chat.send("Say `!quiz` and I ask you a few questions; `!stop` ends it.")


@bot.command("stop", "ends the quiz after this question")
def stop(room: Room, message: Message, rest: str) -> None:
    """Ends a round."""
    _stop.set()


@bot.command("quiz", "starts a round of questions")
def quiz(room: Room, message: Message, rest: str) -> None:
    """Plays a round."""
    if not _playing.acquire(blocking=False):
        raise MeetError("A quiz is under way; join in.")
    try:
        _stop.clear()
        play(room, questions())
    finally:
        _playing.release()


def play(room: Room, round_: Sequence[Question]) -> None:
    """Asks one question after the other, then tells who won."""
    scores: Counter[str] = Counter()
    for number, question in enumerate(round_, 1):
        poll = room.polls.ask(f"**{number}/{len(round_)}** {question.ask}", *question.options)
        wait_for_votes(room, poll)
        poll.close()
        right = [vote.by.display_name for vote in poll.votes if question.answer in vote.options]
        scores.update(right)
        room.chat.send(verdict(question, right), reply_to=poll.message)
        if _stop.wait(PAUSE_SECONDS if number < len(round_) else 0):
            break
    room.chat.send(standings(scores))


def wait_for_votes(room: Room, poll: Poll) -> None:
    """Waits until everybody has voted, or the time is over."""
    deadline = time.monotonic() + bot.options.seconds
    with room.events("vote", timeout=0.5) as votes:
        while time.monotonic() < deadline and not _stop.is_set() and room.phase.kind != "ended":
            voters = {person.name for person in room.people if person.kind != "kernel"}
            if voters and voters <= {vote.by.name for vote in poll.votes}:
                return
            next(votes, None)


def verdict(question: Question, right: Sequence[str]) -> str:
    """Returns the answer, and who knew it."""
    knew = f"{', '.join(right)} knew it." if right else "Nobody knew it."
    return f"It is **{question.answer}**. {knew}"


def standings(scores: Counter[str]) -> str:
    """Returns the score as a Markdown table, the best first."""
    if not scores:
        return "That was the quiz. No points this time: better luck next time!"
    rows = [f"| {name} | {points} |" for name, points in scores.most_common()]
    return "\n".join(["That was the quiz! 🏆", "", "| | points |", "|---|---:|", *rows])


def questions() -> Sequence[Question]:
    """Returns the questions of the file, or our own.

    Raises:
        MeetError: the file cannot be read, or a question in it makes no sense.
    """
    path: Path | None = bot.options.questions
    if path is None:
        return QUESTIONS
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise MeetError(f"The questions in {path} cannot be read: {error}", "bad-quiz") from None
    return [question(entry, number) for number, entry in enumerate(told.get("question", []), 1)]


def question(told: dict[str, Any], number: int) -> Question:
    """Returns a question as the file tells it."""
    ask, options, answer = (told.get(name) for name in ("ask", "options", "answer"))
    if not isinstance(ask, str) or not isinstance(options, list) or answer not in options:
        raise MeetError(
            f"Question {number} needs `ask`, `options`, and an `answer` that is one of them.",
            "bad-quiz",
        )
    return Question(ask, tuple(map(str, options)), str(answer))
