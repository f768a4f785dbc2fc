"""Places in notebooks: who is where, going there, following, pointing at cells, inserting code."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Enter
from tests.browser.person import PATIENCE_MS, Person, notebook
from tests.jupyter_process import JupyterProcess

pytestmark = pytest.mark.browser
expect.set_options(timeout=PATIENCE_MS)

STEPS = 12
"""Cells of the notebook that everybody may open; each is half a window high."""

_IN_SIGHT = """
(step) => [...document.querySelectorAll('.jp-Notebook .jp-Cell')].some((cell) => {
  if (!cell.textContent.includes(`step ${step};`)) return false;
  const box = cell.getBoundingClientRect();
  const frame = cell.closest('.jp-NotebookPanel').getBoundingClientRect();
  return box.height > 0 && frame.height > 0 && box.top < frame.bottom - 20 && box.bottom > frame.top + 60;
})
"""

# The notebook may be the current one or not.
_AT_CELL = """
([path, cell]) => [...jupyterapp.shell.widgets('main')].some(
  (one) => one.context?.path === path && one.content?.activeCell?.model.id === cell)
"""


def course(server: JupyterProcess, name: str, word: str = "step") -> str:
    """Writes a notebook of ``STEPS`` long cells, `cell-0` and so on, and returns its path."""
    path = server.root / name
    path.parent.mkdir(exist_ok=True)
    cells = (f"# {word} {n};" + "\nprint('work')" * 20 for n in range(STEPS))
    path.write_text(notebook(*cells))
    return name


def open_beside(someone: Person, path: str) -> None:
    """Opens a notebook in JupyterLab, beside the one in front."""
    someone.page.evaluate(
        "path => jupyterapp.commands.execute('docmanager:open',"
        " {path, factory: 'Notebook', options: {mode: 'split-right'}}).then(() => null)",
        path,
    )
    someone.page.wait_for_function(
        "path => jupyterapp.shell.currentWidget?.context?.path === path", arg=path
    )


def step(someone: Person, number: int, word: str = "step") -> Locator:
    """A cell of the course."""
    return someone.page.locator(".jp-Cell").filter(has_text=f"{word} {number};")


def work_on(someone: Person, number: int, word: str = "step") -> None:
    """Clicks into a cell of the course."""
    step(someone, number, word).scroll_into_view_if_needed()
    step(someone, number, word).locator(".cm-line").first.click()


def sees_step(someone: Person, number: int) -> None:
    """Waits until a cell of the course is in sight."""
    someone.page.wait_for_function(_IN_SIGHT, arg=number)


def at_cell(someone: Person, path: str, cell: str) -> None:
    """Waits until a notebook is open whose active cell is ``cell``."""
    someone.page.wait_for_function(_AT_CELL, arg=[path, cell])


def row(someone: Person, of: str) -> Locator:
    """Somebody's line in the list of people."""
    return someone.page.locator(".mw-person").filter(has_text=of)


def show_people(*everybody: Person) -> None:
    """Opens the list of people."""
    for someone in everybody:
        someone.find("mw-tab-people").click()


def test_being_somewhere_going_there_and_following(
    person: Enter, lab: JupyterProcess, screenshots: Path
) -> None:
    """Who says so is seen at a notebook's cell; a click leads there, and following goes along."""
    path = course(lab, "class/steps.ipynb")
    ada, bob = (person(name, lab, size=(1500, 900)) for name in ("ada-lovelace", "bob-noyce"))
    ada.join("somewhere")
    bob.join("somewhere")
    show_people(ada, bob)
    open_beside(ada, path)
    work_on(ada, 5)
    switch = ada.find("mw-here")
    expect(switch).not_to_be_checked()
    expect(row(bob, "Ada").get_by_test_id("mw-place")).to_have_count(0)

    switch.check()
    place = row(bob, "Ada").get_by_test_id("mw-place")
    expect(place).to_have_text("steps.ipynb")
    expect(ada.find("mw-here-sign")).to_have_attribute(
        "title", "Everybody sees where you are: steps.ipynb, cell 6"
    )
    place.focus()
    bob.page.keyboard.press("Enter")
    sees_step(bob, 5)
    at_cell(bob, path, "cell-5")
    expect(place).to_have_text("steps.ipynb, cell 6")
    expect(bob.room).to_be_in_viewport()

    row(bob, "Ada").get_by_test_id("mw-follow").click()
    work_on(ada, 10)
    sees_step(bob, 10)
    assert bob.page.evaluate(_AT_CELL, [path, "cell-5"]), "a follower's cell was moved"
    bob.find("mw-following").wait_for()
    for someone in (ada, bob):
        someone.page.screenshot(path=screenshots / f"places-{someone.name}.png")

    bob.find("mw-tab-chat").click()
    bob.find("mw-chat-input").fill("this is")
    open_beside(ada, course(lab, "class/more.ipynb", "more"))
    work_on(ada, 0, "more")
    step(bob, 0, "more").wait_for()
    bob.page.keyboard.type(" going on")
    expect(bob.find("mw-chat-input")).to_have_value("this is going on")
    show_people(bob)
    work_on(ada, 10)
    sees_step(bob, 10)

    step(bob, 10).hover()
    bob.page.mouse.wheel(0, -200)
    expect(bob.find("mw-following")).to_have_count(0)
    work_on(ada, 1)
    expect(place).to_have_text("steps.ipynb, cell 2")
    assert not bob.page.evaluate(_IN_SIGHT, 1), "somebody who scrolled was moved"

    switch.uncheck()
    expect(place).to_have_count(0)
    assert ada.errors == bob.errors == []


def test_pointing_at_cells_and_inserting_code(
    person: Enter, tmp_path: Path, screenshots: Path
) -> None:
    """A message leads to a cell, between Lab and Notebook 7; shared code becomes one's own cell."""
    with JupyterProcess(tmp_path, "notebook", base_url="/a%40b/") as server:
        path = course(server, "class/steps.ipynb")
        ada, bob = (
            person(name, server, size=(1500, 900)) for name in ("ada-lovelace", "bob-noyce")
        )
        steps = [f"# own step {n};" + "\nprint('mine')" * 20 for n in range(4)]
        cells = (
            "%load_ext meetwidget\n%meet join pointing",
            *steps,
            "%%meet share\nsum(range(10))",
        )
        ada.open_notebook(*cells, app="notebooks")
        ada.run_cell()
        ada.wait_live()
        bob.join("pointing")

        open_beside(bob, path)
        work_on(bob, 6)
        step(bob, 6).locator(".jp-InputPrompt").first.click(button="right")
        bob.page.get_by_text("Point at This Cell in the Meeting").click()
        bob.say("look at this one")
        bob.sees_message("look at this one").get_by_test_id("mw-place").wait_for()
        place = ada.sees_message("look at this one").get_by_test_id("mw-place")
        expect(place).to_have_text("look at steps.ipynb")
        with ada.context.expect_page() as opening:
            place.click()
        tab = opening.value
        tab.wait_for_function(_IN_SIGHT, arg=6)
        tab.wait_for_function(_AT_CELL, arg=[path, "cell-6"])
        tab.close()

        work_on(ada, 3)
        ada.find("mw-attach").click()
        ada.find("mw-attach-place").click()
        ada.say("```python\nanswer = 6 * 7\n```")
        message = bob.sees_message("answer = 6 * 7")
        message.get_by_test_id("mw-place").click()
        own = ada.page.evaluate("jupyterapp.shell.currentWidget.context.path")
        at_cell(bob, own, "cell-4")
        sees_step(bob, 3)

        ada.run_cell(5)
        card = bob.find("mw-shared").filter(has_text="sum(range(10))")
        card.get_by_test_id("mw-place").click()
        at_cell(bob, own, "cell-5")

        message.get_by_role("button", name="Insert as cell").click()
        inserted = bob.page.locator(".jp-NotebookPanel:visible .jp-Cell.jp-mod-active").filter(
            has_text="answer = 6 * 7"
        )
        inserted.wait_for()
        work_on(ada, 3)
        ada.sees_message("answer = 6 * 7").get_by_role("button", name="Insert as cell").click()
        ada.page.locator(".jp-Cell.jp-mod-active").filter(has_text="answer = 6 * 7").wait_for()
        assert ada.page.locator(".jp-Cell").nth(5).inner_text().endswith("answer = 6 * 7")
        ada.page.screenshot(path=screenshots / "places-notebook.png")
        bob.page.screenshot(path=screenshots / "places-pointing.png")
        # Notebook 7 by itself has errors on its page.
        assert bob.errors == []
