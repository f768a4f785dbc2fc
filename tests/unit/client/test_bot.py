"""What the bot says, shows and plays."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest

from meetwidget.bot.picture import HEIGHT, WIDTH, Pond
from meetwidget.bot.talk import answer, greeting, solve, spoken_to
from meetwidget.bot.tune import NOTE_SECONDS, RATE, Tune

NOW = datetime(2026, 3, 5, 14, 7, 9)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("what is 6 * 7?", "42"),
        ("1,000 + 1", "1,001"),
        ("2^10", "1,024"),
        ("(3 + 4) * 2 please", "14"),
        ("7 / 2", "3.5"),
        ("-3 * -4", "12"),
        ("10 - 4", "6"),
    ],
)
def test_sums_are_solved(text: str, value: str) -> None:
    """The first sum in a sentence is worked out."""
    assert solve(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "hello",
        "2024-11-22",
        "call 555-1234",
        "9**9**9",
        "(" * 50 + "1 + 1",
        "0**-1 0",
        "7",
    ],
)
def test_what_is_no_sum_or_too_much_is_left_alone(text: str) -> None:
    """Dates, telephone numbers and attempts to keep the bot busy get no number."""
    assert solve(text) is None or "undefined" in str(solve(text))


def test_division_by_zero_is_answered() -> None:
    """The classic question does not break it."""
    assert "divided by 0" in str(solve("what is 1/0?"))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("hi bot", "Hello Ada"),
        ("what can you do?", "time"),
        ("what time is it?", "14:07"),
        ("who is here?", "2 in the room: Ada, Bot"),
        ("thanks!", "welcome"),
        ("what is the meaning of life?", "I do not know, Ada"),
        ("mumble", "I heard you, Ada"),
    ],
)
def test_answers_fit_the_question(body: str, words: str) -> None:
    """Each thing the bot says it can do, it does."""
    assert words in answer(body, "Ada", NOW, ["Ada", "Bot"]).text


def test_it_answers_only_when_spoken_to() -> None:
    """In company the bot must be named; alone with somebody, everything is for it."""
    assert spoken_to("hey Bot, what time is it?", alone_with_bot=False)
    assert not spoken_to("see you at the bottom", alone_with_bot=False)
    assert spoken_to("what time is it?", alone_with_bot=True)


def test_it_greets_by_name() -> None:
    """A newcomer sees that the bot means them."""
    assert "Hello Ada" in greeting("Ada")


def test_the_picture_moves_and_shows_the_time() -> None:
    """Every picture is a full one, and time changes both waves and clock."""
    pond = Pond()
    first, later = pond.draw(1.0, NOW), pond.draw(1.05, NOW)
    assert first.shape == (HEIGHT, WIDTH, 3)
    assert first.dtype == np.uint8
    assert not np.array_equal(first, later)
    other = pond.draw(1.0, NOW.replace(second=10))
    changed = np.argwhere((first != other).any(axis=2))
    assert len(changed) > 50
    height, width = np.ptp(changed, axis=0)
    assert height < HEIGHT // 5, "only the clock"
    assert width < WIDTH // 2, "only the clock"


def test_the_tune_is_soft_and_without_clicks() -> None:
    """It never gets near a voice's level, and beats join without a step."""
    tune = Tune(seed=1)
    beats = [tune.beat() for _ in range(100)]
    assert all(len(beat) == int(NOTE_SECONDS * RATE) for beat in beats)
    sound = np.concatenate(beats)
    assert 0.02 < np.abs(sound).max() < 0.2
    assert np.abs(np.diff(sound)).max() < 0.02
