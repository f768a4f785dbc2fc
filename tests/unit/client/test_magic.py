"""``%meet``: every answer is text, none is a traceback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from meetwidget import widget
from meetwidget.commands import filled_in, take_apart

Meet = Callable[[str], str]


@pytest.fixture
def meet(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> Meet:
    """Runs ``%meet`` and returns what it printed."""

    def run(line: str) -> str:
        capsys.readouterr()
        result = shell.run_cell(f"%meet {line}")
        assert result.success
        out, err = capsys.readouterr()
        assert err == ""
        return out.strip()

    return run


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("jion x", "join"),
        ("Join x", "join"),
        ("leaf", "leave"),
        ("hlep", "help"),
        ("room", "rooms"),
        ("stauts", "status"),
        ("whoo", "who"),
        ("sya x", "say"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest_right_one(
    meet: Meet, wrong: str, right: str
) -> None:
    """One line, and the line says what to type."""
    answer = meet(wrong)
    assert f"did you mean `%meet {right}`" in answer
    assert len(answer.splitlines()) == 1


def test_a_word_like_none_gets_the_list(meet: Meet) -> None:
    """Nothing near: all commands in one line."""
    answer = meet("xyzzy")
    assert all(word in answer for word in ("join", "leave", "say", "who", "rooms", "status"))
    assert len(answer.splitlines()) == 1


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("join", "Which room"),
        ("join ../x", "A room name has letters"),
        ("join a b", "A room name has letters"),
        ("say", "Say what"),
        ("say hello", "%meet join ROOM comes first"),
        ("who", "%meet join ROOM comes first"),
        ("leave", "You are in no room"),
        ("rooms", "No running Jupyter server"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(meet: Meet, line: str, words: str) -> None:
    """Missing words, wrong names and missing servers: a sentence each."""
    answer = meet(line)
    assert words in answer
    assert len(answer.splitlines()) == 1


def test_help_names_every_command(meet: Meet) -> None:
    """``%meet`` alone helps, too."""
    assert meet("") == meet("help")
    for word in ("join", "leave", "say", "who", "rooms", "status", "help"):
        assert f"%meet {word}" in meet("help")


def test_status_says_what_is_not_there(meet: Meet) -> None:
    """Without a room and without a server it is still an answer."""
    answer = meet("status")
    assert "Room: none" in answer
    assert "jupyter lab" in answer


def test_join_shows_the_widget_and_leaves_the_kernel_out(meet: Meet) -> None:
    """Showing a room works without any connection of the kernel's; status says so."""
    shown = meet("join physics-101")
    assert "MeetWidget" in shown
    assert "Room: physics-101" in meet("status")
    assert "This kernel: not in a room" in meet("status")
    assert meet("leave") == "Left physics-101."
    assert meet("leave") == "You are in no room."


def test_a_missing_front_end_is_one_line(
    meet: Meet, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Even an unbuilt source tree answers without a traceback."""
    monkeypatch.setattr(widget, "STATIC", tmp_path)
    answer = meet("join physics-101")
    assert "make build" in answer
    assert len(answer.splitlines()) == 1


def test_loading_twice_keeps_the_room(shell: InteractiveShell, meet: Meet) -> None:
    """Running the first cell again forgets nothing."""
    meet("join physics-101")
    shell.run_line_magic("load_ext", "meetwidget")
    shell.run_line_magic("reload_ext", "meetwidget")
    assert meet("status").startswith("Room:")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("share", "Share what?"),
        ("share )", "is no Python expression"),
        ("share 1 + 1", "%meet join ROOM comes first"),
        ("history", "%meet join ROOM comes first"),
        ("save", "Save where?"),
        ("search", "Search what?"),
        ("poll Q", "at least two options"),
        ("poll --close", "No poll was asked here"),
        ("hand sideways", "neither up nor down"),
        ("who is here", "Nothing comes after `%meet who`"),
        ("rooms physics", "Nothing comes after `%meet rooms`"),
        ("join x --headless --cam", "--headless shows nothing"),
        ("join x --headless", "No running Jupyter server"),
        ("help jion", "There is no `%meet jion`"),
    ],
)
def test_every_word_answers_in_one_line(meet: Meet, line: str, words: str) -> None:
    """What is missing or wrong, and what to type instead."""
    answer = meet(line)
    assert words in answer
    assert len(answer.splitlines()) == 1


def test_a_cell_is_for_share_alone(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cell under another word does not run; nor does one to be shared before any room is joined."""
    for line, words in (("say hi", "takes no cell"), ("share", "comes first"), ("shar", "share")):
        assert shell.run_cell(f"%%meet {line}\nran = True").success
        assert words in capsys.readouterr().out
        assert "ran" not in shell.user_ns


def test_several_rooms_are_left_one_by_one(meet: Meet) -> None:
    """Without a name the last one joined is meant."""
    meet("join one")
    meet("join two")
    meet("join one")
    assert meet("status").startswith("Room: one\nRoom: two")
    assert meet("leave three") == "You are not in three; you are in two, one."
    assert meet("leave") == "Left one; still in two."
    assert meet("leave two") == "Left two."


def test_options_of_join_reach_the_widget(shell: InteractiveShell, meet: Meet) -> None:
    """Browsers turn on what was asked for, and show the room where it was asked for."""
    meet("join physics-101 --mic --cam --sidebar")
    magics = shell.magics_manager.registry["MeetMagics"]
    shown = magics.commands.presence.current().widget
    assert (shown.turn_on, shown.place) == (["microphone", "camera"], "sidebar")


@pytest.mark.parametrize(
    ("line", "expression", "caption"),
    [
        ("df.head()  # the first rows", "df.head()", "the first rows"),
        ("'#1'", "'#1'", ""),
        ("x", "x", ""),
        ("f(  # open", "f(", "open"),
    ],
)
def test_a_comment_is_a_caption(line: str, expression: str, caption: str) -> None:
    """As Python reads it: a sign within a text is none."""
    assert take_apart(line) == (expression, caption)


def test_braces_are_filled_in_where_they_can_be() -> None:
    """``%meet say`` knows the notebook's values; other braces are just braces."""
    assert filled_in("loss {round(loss, 2)} $n", {"loss": 0.123, "n": 3}) == "loss 0.12 3"
    assert filled_in("{no such} {", {}) == "{no such} {"


def complete(shell: InteractiveShell, line: str) -> list[str]:
    with provisionalcompleter():
        found = list(shell.Completer.completions(line, len(line)))
    return [line[: one.start] + one.text for one in found]


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("%meet jo", "%meet join"),
        ("%%meet sha", "%%meet share"),
        ("%meet join x --hea", "%meet join x --headless"),
        ("%meet help st", "%meet help status"),
        ("%meet leave physics-1", "%meet leave physics-101"),
        ("%meet share 1 + some_val", "%meet share 1 + some_value"),
        ("x = 1\n%meet hand d", "x = 1\n%meet hand down"),
    ],
)
def test_the_tab_key_completes(
    shell: InteractiveShell, meet: Meet, line: str, completed: str
) -> None:
    """Words, options, rooms and names of the notebook, and nothing besides them."""
    shell.user_ns["some_value"] = 1
    meet("join physics-101")
    assert complete(shell, line) == [completed]


def test_other_lines_complete_as_ever(shell: InteractiveShell, meet: Meet) -> None:
    """Also a variable that is called ``meet``."""
    shell.user_ns["meeting"] = 1
    assert "meeting" in complete(shell, "meetin")
    assert not [one for one in complete(shell, "meet jo") if one.endswith("join")]
