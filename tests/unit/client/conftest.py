"""An IPython shell in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell


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
