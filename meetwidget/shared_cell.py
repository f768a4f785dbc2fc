"""``%%meet share``: runs a cell, and makes of it what can be shared."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from meetwidget.bundles import fitting, rich, size_of
from meetwidget.cell_recorder import CellRecorder
from meetwidget.errors import MeetError
from meetwidget.wire.share import SharedCell

SHORT_TEXT: Final = 20_000
"""Characters left of a printed text, half from its beginning, when a cell is too large."""


class CellFailed(MeetError):
    """A shared cell raised. It was shown and shared already, so this says no more than one line."""

    code = "cell-failed"

    def _render_traceback_(self) -> list[str]:
        return [str(self)]


def run(shell: Any, source: str) -> tuple[SharedCell, bool]:
    """Runs a cell, and returns it with its outputs, and whether it ended well.

    Raises:
        MeetError: the cell awaits something at its top level, which only a cell as such can.
    """
    if awaits(shell, source):
        raise MeetError(
            "A shared cell cannot use `await` outside of functions; await in the cell before.",
            "no-await",
        )
    with CellRecorder(shell, source) as recorder:
        result = shell.run_cell(source)
    cell = SharedCell(
        source=source.rstrip("\n"),
        outputs=recorder.outputs,
        execution_count=shell.displayhook.prompt_count,
    )
    return cell, bool(result.success)


def awaits(shell: Any, source: str) -> bool:
    """Whether a cell awaits at its top level."""
    try:
        transformed = shell.transform_cell(source)
    except Exception:
        return False  # it will say by itself what is wrong with it
    return bool(shell.should_run_async(source, transformed_cell=transformed))


def fit(cell: SharedCell, most: int) -> SharedCell:
    """Returns a cell of at most ``most`` bytes as JSON: with shorter texts, then without large forms.

    What is left out is said in its place.

    Raises:
        ValueError: not even its source fits.
    """
    outputs = [dict(output) for output in cell.outputs]
    fitted = msgspec.structs.replace(cell, outputs=outputs)
    if _size(fitted) <= most:
        return fitted
    for output in outputs:
        if output["output_type"] == "stream":
            output["text"] = _shortened(output["text"])
        elif output["output_type"] == "error":
            output["traceback"] = [_shortened(line) for line in output["traceback"]]
        else:
            output["data"] = fitting(output["data"], most) or output["data"]
    while _size(fitted) > most:
        largest = max(outputs, key=size_of, default=None)
        if largest is None:
            raise ValueError("the source alone is too large")
        place = outputs.index(largest)
        outputs[place] = _without(largest)
        if size_of(outputs[place]) >= size_of(largest):
            raise ValueError("the cell is too large")
    return fitted


def _size(cell: SharedCell) -> int:
    return size_of(msgspec.to_builtins(cell))


def _shortened(text: str) -> str:
    if len(text) <= SHORT_TEXT:
        return text
    half = SHORT_TEXT // 2
    return f"{text[:half]}\n[… {len(text) - SHORT_TEXT} characters left out …]\n{text[-half:]}"


def _without(output: dict[str, Any]) -> dict[str, Any]:
    data = output.get("data", {})
    names = ", ".join(rich(data)) or output["output_type"]
    return {
        "output_type": "stream",
        "name": "stdout",
        "text": f"[{names} of {size_of(output)} bytes left out: too large for a message]\n",
    }
