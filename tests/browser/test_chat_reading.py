"""Reading a room with a long past in a real JupyterLab: window, search, passages, pins, what is new."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from playwright.sync_api import expect

from tests.browser.archive import write_archive
from tests.browser.conftest import Enter
from tests.browser.person import PATIENCE_MS, Person
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

MESSAGES = 3000
PINNED = (40, 2600)

# The first and last message in sight, what the last says, and how many are in the document.
_LOOK = """
() => {
  const edge = document.querySelector('.mw-thread').getBoundingClientRect();
  const all = [...document.querySelectorAll('[data-testid=mw-message]')];
  const seen = all.filter((one) => {
    const at = one.getBoundingClientRect();
    return at.bottom > edge.top + 1 && at.top < edge.bottom - 1;
  });
  const text = (one) => one?.querySelector('[data-testid=mw-body]')?.textContent ?? '';
  const note = (one) => Number(/note(\\d+)/.exec(text(one))?.[1] ?? 0);
  return {
    first: note(seen[0]), last: note(seen.at(-1)), rendered: all.length, text: text(seen.at(-1)),
  };
}
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterProcess]:
    """A JupyterLab whose room ``long`` has 3000 messages, two of them pinned."""
    folder = tmp_path_factory.mktemp("archive")
    database = folder / "rooms.sqlite"
    write_archive(database, "long", MESSAGES, PINNED)
    config = f"c.MeetRelay.database = {str(database)!r}\n"
    with JupyterProcess(folder, config=config) as server:
        yield server


def look(person: Person) -> dict[str, Any]:
    """What of the chat is in sight."""
    return dict(person.page.evaluate(_LOOK))


def reads(person: Person, number: int) -> None:
    """Waits until message ``number`` of the past is in sight."""
    person.waits_for(
        f"message {number}", lambda: (at := look(person))["first"] <= number <= at["last"]
    )


def hears_about(person: Person, text: str) -> None:
    """Waits until a screen reader is given ``text``."""
    region = person.page.locator("[data-testid=mw-room] > [aria-live]")
    expect(region).to_contain_text(text)


def saves_transcript(person: Person, folder: Path) -> None:
    """Saves the whole meeting in each form; the notebook is one that Jupyter accepts."""
    for form in ("ipynb", "md", "json"):
        person.find("mw-transcript").click()
        with person.page.expect_download() as saved:
            person.find(f"mw-transcript-{form}").click()
        path = folder / saved.value.suggested_filename
        saved.value.save_as(path)
        assert path.name == f"long.{form}"
        text = path.read_text()
        for words in ("note1 ", f"note{MESSAGES} ", "and another"):
            assert words in text
        if form == "ipynb":
            nbformat.validate(nbformat.reads(text, as_version=4))  # type: ignore[no-untyped-call]
        expect(person.page.locator(".mw-popover")).to_have_count(0)


def test_a_long_past(person: Enter, archive: JupyterProcess, tmp_path: Path) -> None:
    """A past of thousands of messages is read page by page without a jump, found by words, led to by answers and pins, and what comes meanwhile is told, marked and kept for the next time; all of it can be saved."""
    ada = person("ada-lovelace", archive)
    ada.join("long")
    page = ada.page
    reads(ada, MESSAGES)
    assert look(ada)["rendered"] < 100, "only some of the messages are in the document"

    page.locator(".mw-thread").hover()
    seen: list[int] = []

    def further_up() -> bool:
        page.mouse.wheel(0, -1500)
        page.wait_for_timeout(30)
        seen.append(look(ada)["first"])
        return seen[-1] < MESSAGES - 350

    ada.waits_for("older pages", further_up)
    assert seen == sorted(seen, reverse=True), "no page that came in has moved what was read"

    ada.find("mw-chat-input").click()
    page.keyboard.press("ControlOrMeta+f")
    page.keyboard.type("note1250")
    expect(ada.find("mw-hit")).to_have_count(1)
    assert page.locator(".jp-DocumentSearch-overlay").count() == 0, "the keys were the chat's"
    page.keyboard.press("Enter")
    reads(ada, 1250)
    answer = ada.find("mw-message").filter(has_text="note1250")
    answer.locator(".mw-answered").click()
    reads(ada, 1205)
    page.keyboard.press("Escape")

    ada.find("mw-pins-all").click()
    page.locator(".mw-pinned").filter(has_text="note40 ").get_by_role("button").first.click()
    reads(ada, 40)

    bob = person("bob-noyce", archive)
    bob.join("long")
    bob.say("good morning")
    hears_about(ada, "Bob Noyce: good morning")
    expect(ada.find("mw-to-newest")).to_have_text("1 new message")
    ada.find("mw-to-newest").click()
    ada.waits_for("the newest", lambda: "good morning" in look(ada)["text"])
    expect(ada.find("mw-to-newest")).to_have_count(0)

    # Read now; what Bob says while she is away is new to her when she is back.
    page.goto("about:blank")
    expect(bob.find("mw-count")).to_have_text("1 person")
    bob.say("while you were away")
    bob.say("and another")
    ada.join("long")
    line = page.locator("[data-testid=mw-new] + [data-testid=mw-message]")
    expect(line).to_contain_text("while you were away")
    expect(ada.find("mw-new")).to_have_count(1)
    saves_transcript(ada, tmp_path)
    for someone in (ada, bob):
        assert someone.errors == []
