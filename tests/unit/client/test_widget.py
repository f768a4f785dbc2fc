"""The widget's Python side: light, and clear when it cannot work."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from meetwidget import widget
from meetwidget.errors import MeetError
from meetwidget.wire.rooms import InvalidRoom


def test_each_widget_asks_to_join_once() -> None:
    """Intents are never the same, so that a browser can tell a new wish from a reload."""
    first, second = widget.MeetWidget(room="a"), widget.MeetWidget(room="a")
    assert first.intent
    assert " " not in first.intent
    assert first.intent != second.intent
    first.leave()
    assert first.intent == "leave"


def test_a_wrong_room_name_never_reaches_the_browser() -> None:
    """The name is checked where the mistake was made."""
    with pytest.raises(InvalidRoom):
        widget.MeetWidget(room="../secrets")


def test_a_missing_front_end_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source tree without the bundle gets one sentence, not an empty cell."""
    monkeypatch.setattr(widget, "STATIC", tmp_path)
    with pytest.raises(MeetError, match="make build"):
        widget.MeetWidget(room="a")


def test_importing_the_package_is_light() -> None:
    """The server imports ``meetwidget.wire``: no widget, no codec, no client comes with it."""
    code = (
        "import sys, meetwidget, meetwidget.wire.control\n"
        "heavy = {'anywidget', 'av', 'numpy', 'IPython', 'tornado', 'jupyter_core'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


def test_chat_needs_no_codecs() -> None:
    """Without the extra ``[media]`` a room can be joined; only pictures and sound say what they need."""
    code = (
        "import sys\n"
        "sys.modules['av'] = sys.modules['numpy'] = None\n"
        "import meetwidget, meetwidget.room, meetwidget.magic\n"
        "try:\n"
        "    import meetwidget.media.video_out\n"
        "except meetwidget.MediaMissing as error:\n"
        "    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "pip install 'meetwidget[media]'" in done.stdout
