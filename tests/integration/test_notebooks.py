"""Every tutorial runs from top to bottom in a real kernel of a real server."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.client_rig import server_in
from tests.integration.server_kernel import Kernel

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@pytest.mark.parametrize("name", sorted(path.name for path in NOTEBOOKS.glob("*.ipynb")))
def test_a_tutorial_runs(name: str, tmp_path: Path) -> None:
    """No cell of the tutorial raises, and the committed copy carries no outputs."""
    cells = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    assert code
    assert [cell["id"] for cell in code if cell["outputs"] or cell["execution_count"]] == []
    with server_in(tmp_path) as server:
        kernel = Kernel(server)
        try:
            shown = [kernel.run("".join(cell["source"])) for cell in code]
        finally:
            kernel.close()
    assert "application/vnd.jupyter.widget-view+json" in shown[0]
    assert "favourite number" in "".join(shown)
