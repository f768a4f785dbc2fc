"""Transcripts: the log as people keep it."""

from __future__ import annotations

import json

import nbformat
from meetwidget_server.routes.transcript import as_json, as_markdown, as_notebook, fold

from meetwidget.wire.control import (
    By,
    ClearEvent,
    DeleteEvent,
    EditEvent,
    LogEvent,
    LoggedEvent,
    MessageEvent,
    ReactionEvent,
    User,
)

ADA = By("p1", User("ada", "Ada Lovelace", "AL", "#000"), "person")


def log(*events: LogEvent) -> list[LoggedEvent]:
    return [
        LoggedEvent(offset, 1_760_000_000_000 + offset, ADA, event)
        for offset, event in enumerate(events, 1)
    ]


TALK = log(
    MessageEvent("m1", "first"),
    MessageEvent("m2", "second", data={"text/x-python": "print(1)\n# ```"}),
    EditEvent("m1", "*first*, corrected"),
    MessageEvent("m3", "regretted"),
    ReactionEvent("m2", "👍", True),
    ReactionEvent("m1", "👎", True),
    ReactionEvent("m1", "👎", False),
    DeleteEvent("m3"),
    EditEvent("m0", "of a message that is trimmed"),
)


def test_fold_applies_edits_deletes_and_reactions() -> None:
    """What is left is what people see in the room."""
    lines = fold(TALK)
    assert [(line.body, line.edited) for line in lines] == [
        ("*first*, corrected", True),
        ("second", False),
    ]
    assert lines[1].reactions == {"👍": {"ada"}}


def test_fold_starts_over_at_a_clear() -> None:
    """Nothing said before a clear is left."""
    assert [line.body for line in fold(log(MessageEvent("m1", "x"), ClearEvent()))] == []


def test_markdown_has_names_times_code_and_reactions() -> None:
    """The document reads like the chat, with a fence longer than any in the code."""
    text = as_markdown("physics-101", TALK)
    assert text.startswith("# physics-101\n")
    assert "**Ada Lovelace** · 2025-10-09 08:53 UTC (edited)\n\n*first*, corrected" in text
    assert "````python\nprint(1)\n# ```\n````" in text
    assert "👍 1" in text
    assert "👎" not in text
    assert "regretted" not in text


def test_notebook_is_valid_and_has_code_as_cells() -> None:
    """Jupyter's own validation accepts the notebook; shared code can be run."""
    notebook = nbformat.from_dict(as_notebook("physics-101", TALK))
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells] == [
        "markdown",
        "markdown",
        "markdown",
        "code",
    ]
    assert notebook.cells[3].source.startswith("print(1)")


def test_json_is_the_log_itself() -> None:
    """Every event is there, deletes included."""
    found = json.loads(as_json("a/b", TALK))
    assert found["room"] == "a/b"
    assert [event["offset"] for event in found["events"]] == list(range(1, len(TALK) + 1))
