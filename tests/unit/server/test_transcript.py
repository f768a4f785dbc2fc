"""Transcripts: the log as people keep it."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from meetwidget_server.routes.notebook import as_notebook, pictures_of
from meetwidget_server.routes.transcript import as_json, as_markdown

from meetwidget.wire.fold import Fold, Reading
from meetwidget.wire.log import (
    CloseEvent,
    DeleteEvent,
    EditEvent,
    LogEvent,
    LoggedEvent,
    MessageEvent,
    PinEvent,
    ReactionEvent,
    VoteEvent,
)
from meetwidget.wire.share import CELL_MIME
from meetwidget.wire.values import By, FileRef, Location, Poll, User

ADA = By("p1", User("ada", "Ada Lovelace", "AL", "#000"), "person")


def log(*events: LogEvent) -> list[LoggedEvent]:
    return [
        LoggedEvent(offset, 1_760_000_000_000 + offset, ADA, event)
        for offset, event in enumerate(events, 1)
    ]


def read(events: list[LoggedEvent]) -> list[Reading]:
    return Fold(events).messages()


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


def test_markdown_has_names_times_code_and_reactions() -> None:
    """The document reads like the chat, with a fence longer than any in the code."""
    text = as_markdown("physics-101", read(TALK))
    assert text.startswith("# physics-101\n")
    assert "**Ada Lovelace** · 2025-10-09 08:53 UTC (edited)\n\n*first*, corrected" in text
    assert "````python\nprint(1)\n# ```\n````" in text
    assert "👍 1" in text
    assert "👎" not in text
    assert "regretted" not in text


def opened(text: bytes) -> Any:
    """The notebook of a file's text, if Jupyter's own validation accepts it."""
    notebook = nbformat.reads(text.decode(), as_version=4)
    nbformat.validate(notebook)
    return notebook


def test_notebook_is_valid_and_has_code_as_cells() -> None:
    """Jupyter's own validation accepts the notebook; shared code can be run."""
    notebook = opened(as_notebook("physics-101", read(TALK)))
    assert [cell.cell_type for cell in notebook.cells] == [
        "markdown",
        "markdown",
        "markdown",
        "code",
    ]
    assert notebook.cells[3].source.startswith("print(1)")


def test_shared_cell_keeps_its_outputs() -> None:
    """Text, pictures and errors of a shared cell are outputs of a code cell, numbered as it was."""
    outputs: list[dict[str, Any]] = [
        {"output_type": "stream", "name": "stdout", "text": "1\n"},
        {"output_type": "execute_result", "data": {"image/png": "aGk=", "text/plain": "<Figure>"}},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["line"]},
    ]
    cell = {"source": "f()", "outputs": outputs, "execution_count": 7}
    talk = log(MessageEvent("m1", "see", data={CELL_MIME: cell, "text/plain": "f()"}))
    code = opened(as_notebook("lab", read(talk))).cells[-1]
    assert (code.cell_type, code.source, code.execution_count) == ("code", "f()", 7)
    assert [output.output_type for output in code.outputs] == ["stream", "display_data", "error"]
    assert code.outputs[1].data == {"image/png": "aGk=", "text/plain": "<Figure>"}
    text = as_markdown("lab", read(talk))
    assert "```python\nf()\n```" in text
    assert "```\n1\n```" in text


@pytest.mark.parametrize(
    "bundle",
    [
        {CELL_MIME: {"source": 5}},
        {CELL_MIME: {"source": "x", "outputs": [{"output_type": "display_data", "data": [1]}]}},
        {CELL_MIME: {"source": "x", "outputs": [{"output_type": "stream", "text": {"a": 1}}]}},
        {CELL_MIME: {"source": "x", "outputs": [{}], "execution_count": -3}},
        {"text/html": ["not", 5], "image/png": None},
        {"application/javascript": "alert(1)", "text/plain": "x"},
        {"application/vnd.vega.v5+json": {"a": [1]}, "": "x"},
        {"text/x-python": 5},
    ],
)
def test_whatever_a_bundle_holds_the_notebook_is_valid(bundle: dict[str, Any]) -> None:
    """Nobody can break the transcript by what they share, nor put a script into it."""
    text = as_notebook("lab", read(log(MessageEvent("m1", "x", data=bundle))))
    opened(text)
    assert b"alert(1)" not in text
    as_markdown("lab", read(log(MessageEvent("m1", "x", data=bundle))))


@pytest.mark.parametrize(
    ("bundle", "shown"),
    [
        ({"text/latex": "$x^2$"}, "$x^2$"),
        ({"text/latex": "\\frac12"}, "$$\n\\frac12\n$$"),
        ({"text/html": "<b>hi</b>"}, "```html\n<b>hi</b>\n```"),
        ({"application/json": {"a": 1}}, '```json\n{\n  "a": 1\n}\n```'),
        ({"text/markdown": "**hi**"}, "**hi**"),
    ],
)
def test_markdown_says_what_a_nameless_object_shows(bundle: dict[str, Any], shown: str) -> None:
    """IPython's own display objects say nothing as plain text: their other form does."""
    data = {**bundle, "text/plain": "<IPython.core.display.Latex object>"}
    output = {"output_type": "display_data", "data": data}
    for shared in (data, {CELL_MIME: {"source": "x", "outputs": [output]}}):
        text = as_markdown("lab", read(log(MessageEvent("m1", "", data=shared))))
        assert f"\n{shown}\n" in text
        assert "IPython" not in text


def test_poll_is_a_table() -> None:
    """Each answer has its votes and who gave them; the last vote of a person counts."""
    talk = log(
        MessageEvent("m1", "Lunch?", poll=Poll(["Soup", "a|b"])),
        VoteEvent("m1", [0]),
        VoteEvent("m1", [1]),
        CloseEvent("m1"),
        VoteEvent("m1", [0]),
    )
    for text in (
        as_markdown("lab", read(talk)),
        opened(as_notebook("lab", read(talk))).cells[1].source,
    ):
        assert "| Soup | 0 |  |" in text
        assert "| a\\|b | 1 | Ada Lovelace |" in text
        assert "has ended" in text


def test_small_images_are_in_the_notebook_and_other_files_are_named() -> None:
    """An image that was sent is shown where it was sent; what is too large is listed."""
    small = FileRef("f1", "a [1].png", "image/png", 2, width=1, height=1)
    large = FileRef("f2", "b.png", "image/png", 9_000_000, width=1, height=1)
    other = FileRef("f3", "c.csv", "text/csv", 2048)
    talk = log(MessageEvent("m1", "files", files=[small, large, other]))
    assert pictures_of(read(talk)) == [small]
    cell = opened(as_notebook("lab", read(talk), {"f1": b"hi"})).cells[1]
    assert cell.attachments == {"1.png": {"image/png": "aGk="}}
    assert "![a (1).png](attachment:1.png)" in cell.source
    assert "- b.png (image/png, 8.58 MB)" in cell.source
    assert "- c.csv (text/csv, 2 kB)" in as_markdown("lab", read(talk))


def test_answers_places_and_readers_are_told() -> None:
    """Who reads the transcript knows what was answered, where a cell is, and what was private."""
    talk = log(
        MessageEvent("m1", "a question"),
        MessageEvent("m2", "yes", reply_to="m1", readers=[User("bob", "Bob", "B", "#000")]),
        MessageEvent("m3", "here", location=Location("a/b.ipynb", "c7")),
        PinEvent("m1", True),
    )
    text = as_markdown("lab", read(talk))
    assert "> In answer to Ada Lovelace: a question" in text
    assert "privately to Bob" in text
    assert "*In `a/b.ipynb`, cell `c7`*" in text
    assert "UTC · pinned\n\na question" in text


def test_json_is_the_log_itself_and_what_it_means() -> None:
    """Every event is there, deletes included, and each message as it reads now."""
    found = json.loads(as_json("a/b", TALK, read(TALK)))
    assert found["room"] == "a/b"
    assert [event["offset"] for event in found["events"]] == list(range(1, len(TALK) + 1))
    assert [message["body"] for message in found["messages"]] == ["*first*, corrected", "second"]
    assert list(found["messages"][1]["reactions"]) == ["👍"]
