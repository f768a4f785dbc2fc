"""The labextension that JupyterLab and Notebook 7 load with every page."""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path

import meetwidget

BUILT = Path(meetwidget.__file__).parent / "labextension"
INSTALLED = Path(sys.prefix) / "share" / "jupyter" / "labextensions" / "meetwidget"
MOST_BYTES = 14_000
"""After gzip: every page of everybody on a server waits for it, in a meeting or not."""


def _loaded(folder: Path) -> str:
    manifest = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    assert manifest["version"] == meetwidget.__version__
    entry = manifest["jupyterlab"]["_build"]["load"]
    assert isinstance(entry, str)
    assert (folder / entry).is_file()
    return entry


def test_the_installed_labextension_is_the_one_that_was_built() -> None:
    """JupyterLab gets this version's code, not what an earlier build left in the environment."""
    assert _loaded(INSTALLED) == _loaded(BUILT)


def test_the_labextension_is_small_and_holds_nothing_of_a_meeting() -> None:
    """What is loaded with every page stays small; meetings come with the widget of a cell."""
    scripts = list((BUILT / "static").glob("*.js"))
    sizes = {path.name: len(gzip.compress(path.read_bytes(), 9)) for path in scripts}
    assert 0 < sum(sizes.values()) <= MOST_BYTES, sizes
