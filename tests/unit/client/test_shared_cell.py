"""A shared cell runs as it always runs, and what it shows is kept in the notebook format's terms."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from nbformat import v4

from meetwidget import cell_recorder
from meetwidget.bundles import size_of
from meetwidget.cell_recorder import as_printed
from meetwidget.errors import MeetError
from meetwidget.shared_cell import awaits, fit, run
from meetwidget.wire.share import SharedCell

CELL = """\
import sys
from IPython.display import HTML, clear_output, display, update_display
print("one")
print("two")
print("three", file=sys.stderr)
display(HTML("<b>four</b>"))
6 * 7
"""


def outputs(shell: InteractiveShell, source: str) -> list[dict[str, Any]]:
    cell, _ = run(shell, source)
    return cell.outputs


def test_everything_shown_is_kept_in_order(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """Text, displays and the result; and the person who ran the cell sees the same."""
    found = outputs(shell, CELL)
    assert [(o["output_type"], o.get("name")) for o in found] == [
        ("stream", "stdout"),
        ("stream", "stderr"),
        ("display_data", None),
        ("execute_result", None),
    ]
    assert found[0]["text"] == "one\ntwo\n"
    assert found[2]["data"]["text/html"] == "<b>four</b>"
    assert found[3]["data"] == {"text/plain": "42"}
    out, err = capsys.readouterr()
    assert "one\ntwo\n" in out
    assert "42" in out
    assert "three" in err


def test_scripts_that_a_library_sends_ahead_are_not_shared(shell: InteractiveShell) -> None:
    """As plotly sends its whole self before the first figure; the figure is shared, as data."""
    source = (
        "from IPython.display import display\n"
        "display({'text/html': '<script>' + 'x' * 9 + '</script>'}, raw=True)\n"
        "display({'text/html': '<script>x</script>', 'text/plain': 'a figure',"
        " 'application/vnd.plotly.v1+json': {'data': [{'y': [1]}]}}, raw=True)"
    )
    (found,) = outputs(shell, source)
    assert set(found["data"]) == {"text/plain", "application/vnd.plotly.v1+json"}


def test_a_shared_cell_is_a_cell_of_a_valid_notebook(shell: InteractiveShell) -> None:
    """Nbformat accepts it, its errors too."""
    cells = []
    for source in (CELL, "print(1)\n1 / 0"):
        cell, _ = run(shell, source)
        made = v4.new_code_cell(
            cell.source,
            execution_count=cell.execution_count,
            outputs=[nbformat.from_dict(o) for o in msgspec.to_builtins(cell)["outputs"]],
        )
        cells.append(made)
    nbformat.validate(v4.new_notebook(cells=cells))


def test_a_shared_cell_has_the_number_that_the_notebook_shows(shell: InteractiveShell) -> None:
    """Cell and result are numbered as the cell that has ``%%meet share``, not as the next one."""
    shell.push({"kept": [], "share": lambda source: run(shell, source)[0]})
    ran = shell.run_cell("kept.append(share('6 * 7'))", store_history=True)
    cell = shell.user_ns["kept"][0]
    assert cell.execution_count == ran.execution_count
    assert [o["execution_count"] for o in cell.outputs] == [ran.execution_count]


def test_an_error_is_an_output_of_its_own(
    shell: InteractiveShell, capsys: pytest.CaptureFixture[str]
) -> None:
    """Shown once, kept once, and the cell counts as failed."""
    cell, well = run(shell, "print('before')\n1 / 0\n")
    assert not well
    assert [o["output_type"] for o in cell.outputs] == ["stream", "error"]
    assert cell.outputs[1]["ename"] == "ZeroDivisionError"
    assert capsys.readouterr().out.count("division by zero") == 1
    broken, well = run(shell, "1 +\n")
    assert (well, broken.outputs[0]["ename"]) == (False, "SyntaxError")


def test_what_was_replaced_is_not_there_any_more(shell: InteractiveShell) -> None:
    """Cleared outputs, updated displays and progress bars are shared as they stand in the end."""
    shell.run_cell("from IPython.display import *")
    cleared = outputs(shell, "print('a')\nclear_output()\nprint('b')")
    assert [o["text"] for o in cleared] == ["b\n"]
    (display,) = outputs(
        shell,
        "display('old', display_id='x')\nupdate_display('new', display_id='x')",
    )
    assert display["data"]["text/plain"] == "'new'"
    (bar,) = outputs(shell, "for i in range(3): print(f'\\r{i}/2', end='')\nprint()")
    assert bar["text"] == "2/2\n"


@pytest.mark.parametrize(
    ("text", "printed"),
    [("a\rb\n", "b\n"), ("abc\rx", "xbc"), ("a\r\nb", "a\nb"), ("x\r", "x"), ("a\n\rb", "a\nb")],
)
def test_carriage_returns_overwrite(text: str, printed: str) -> None:
    """As in a terminal."""
    assert as_printed(text) == printed


def test_a_final_semicolon_hides_the_result(shell: InteractiveShell) -> None:
    """As in a cell that is not shared."""
    assert outputs(shell, "6 * 7;") == []


def test_nothing_of_the_shell_stays_changed(shell: InteractiveShell) -> None:
    """Streams and hooks are as before, also after an error."""

    def state() -> tuple[object, ...]:
        owners = shell, shell.display_pub, shell.displayhook
        return sys.stdout, sys.stderr, *(set(vars(owner)) for owner in owners)

    shell.run_cell("1 / 0")
    before = state()
    run(shell, "1 / 0")
    assert state() == before


def test_endless_text_does_not_fill_the_memory(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of each run of text about so much is kept."""
    monkeypatch.setattr(cell_recorder, "KEPT_TEXT", 100)
    (output,) = outputs(shell, "for i in range(1000): print(i)")
    assert len(output["text"]) < 120


def test_await_outside_of_functions_is_refused_before_anything_runs(
    shell: InteractiveShell,
) -> None:
    """A cell magic cannot wait for it; a function that awaits is none of that."""
    with pytest.raises(MeetError, match="await"):
        run(shell, "ran = True\nawait x")
    assert "ran" not in shell.user_ns
    assert not awaits(shell, "async def f():\n    await x")


def test_too_large_a_cell_loses_its_largest_outputs(shell: InteractiveShell) -> None:
    """Texts are cut first, then forms go; what is missing is said, the source never is."""
    cell, _ = run(shell, "print('x' * 300_000)\nprint('end')")
    cell.outputs.append(
        {"output_type": "display_data", "data": {"image/png": "A" * 300_000}, "metadata": {}}
    )
    fitted = fit(cell, 100_000)
    assert size_of(msgspec.to_builtins(fitted)) <= 100_000
    assert fitted.source == cell.source
    assert "characters left out" in fitted.outputs[0]["text"]
    assert fitted.outputs[0]["text"].endswith("end\n")
    assert "image/png of 300" in fitted.outputs[1]["text"]
    assert len(cell.outputs[0]["text"]) > 300_000, "the cell itself is as it was"


def test_too_large_a_source_does_not_fit() -> None:
    """There is nothing sensible to leave out."""
    with pytest.raises(ValueError, match="too large"):
        fit(SharedCell(source="x" * 1000), 500)
