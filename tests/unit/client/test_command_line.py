"""What comes after a word of ``%meet`` is understood, or answered with one line."""

from __future__ import annotations

import pytest

from meetwidget.command_line import Mistyped, parse
from meetwidget.words import WORDS, help_text


def test_names_switches_and_values_are_told_apart() -> None:
    """In any order, with ``=`` or without, and with quotes around several words."""
    line = parse('physics-101 --mic --as "Quiz master" --cam', WORDS["join"])
    assert (line.words, line.switches, line.values) == (
        ["physics-101"],
        {"--mic", "--cam"},
        {"--as": "Quiz master"},
    )
    assert parse("--as=Ada x", WORDS["join"]).values == {"--as": "Ada"}


def test_quotes_keep_options_of_a_poll_together() -> None:
    """Apostrophes within double quotes are letters, and a minus before a number is one, too."""
    line = parse('"What\'s next?" "the lab" -3 Monday', WORDS["poll"])
    assert line.words == ["What's next?", "the lab", "-3", "Monday"]


def test_paths_of_windows_keep_their_strokes() -> None:
    """A backslash is no escape."""
    assert parse(r"C:\talks\one.md", WORDS["save"]).words == [r"C:\talks\one.md"]


@pytest.mark.parametrize(
    ("word", "text", "answer"),
    [
        ("join", "x --mike", "did you mean --mic?"),
        ("join", "x --xyzzy", "there are --as, --cam"),
        ("join", "x --as", "--as needs a value"),
        ("join", "x --as --mic", "--as needs a value"),
        ("poll", '"Q A B', "A quote does not end."),
        ("leave", "--all", "has no options"),
        ("history", "-m 3", "did you mean -n?"),
    ],
)
def test_a_mistyped_line_is_answered_with_an_example(word: str, text: str, answer: str) -> None:
    """One line: what is wrong, and a line that works."""
    with pytest.raises(Mistyped) as error:
        parse(text, WORDS[word])
    assert answer in str(error.value)
    assert f"For example: %meet {word}" in str(error.value)
    assert len(str(error.value).splitlines()) == 1


def test_every_example_is_one() -> None:
    """What the help shows can be typed as it is."""
    for word in WORDS.values():
        name, _, text = (word.example or word.usage).partition(" ")
        assert name == word.name
        if word.name not in ("say", "share", "search"):
            parse(text, word)


def test_the_help_of_one_word_is_one_line() -> None:
    """With every option of the word."""
    for word in WORDS.values():
        text = help_text(word.name)
        assert len(text.splitlines()) == 1
        assert all(option in text for option in word.options)
