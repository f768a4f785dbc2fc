"""``%meet``: every answer is text, none is a traceback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from meetwidget import widget

Meet = Callable[[str], str]


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[InteractiveShell]:
    """A shell in this process, in a place where no Jupyter server runs."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    for name in (
        "MEETWIDGET_URL",
        "MEETWIDGET_SECRET",
        "MEETWIDGET_HUB_SERVICE",
        "JPY_PARENT_PID",
    ):
        monkeypatch.delenv(name, raising=False)
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "meetwidget")
    yield shell
    shell.run_line_magic("unload_ext", "meetwidget")
    shell.history_manager.end_session()
    InteractiveShell.clear_instance()


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
