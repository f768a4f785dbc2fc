"""Every tutorial runs from top to bottom in a real kernel of a real server, and shows what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.integration.client_rig import server_in
from tests.integration.server_kernel import Kernel

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
WIDGET = "application/vnd.jupyter.widget-view+json"
SHOWN = {
    "01-meet": [WIDGET, "favourite number"],
    "02-chat-and-share": [
        *(WIDGET, "Today: **Fourier series**", "Shared in lesson.", "shared text/latex"),
        *("1,1.273240", "your own voice    1", "'your own voice': 1", "Today: Fourier series"),
    ],
    "03-a-bot": [WIDGET, "The dice are here.", "examples/quiz", "How many sides", "'left'"],
    "04-live-video": [WIDGET, "image/png", "pictures a second", "Nobody's camera", "closed"],
    "05-a-classroom": [
        *("29 students joined", "870 of 870 arrived", "Student 28, Student 29"),
        *("thirty participants:", "image/png", "How this class went"),
    ],
}
"""By notebook: what its outputs must contain."""
_THREADS_LEFT = """
import threading, time
deadline, left = time.monotonic() + 30, {None}
while left and time.monotonic() < deadline:
    left = {t.name for t in threading.enumerate() if "meetwidget" in t.name}
    time.sleep(0.01)
print("left:", left)
"""


def cells_of(name: str) -> list[dict[str, Any]]:
    cells = json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


@pytest.mark.parametrize("name", sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_tutorial_runs(name: str, tmp_path: Path) -> None:
    """No cell raises, outputs are what the text promises, and no file and no participant is left."""
    code = cells_of(name)
    assert code
    with server_in(tmp_path) as server:
        kernel = Kernel(server)
        try:
            shown = "".join(kernel.run("".join(cell["source"])) for cell in code)
            left = kernel.run(_THREADS_LEFT)
        finally:
            kernel.close()
        assert "left: set()" in left, left
        assert [words for words in SHOWN[name] if words not in shown] == [], shown
        assert list(server.root.iterdir()) == []


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_a_committed_tutorial_is_clean(name: str) -> None:
    """It carries no outputs and no counters, and every cell has a name of its own."""
    code = cells_of(name)
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"]] == []
    assert len({cell["id"] for cell in code}) == len(code)
