"""Which notebook and cell this kernel is running just now.

A server tells its kernels the notebook's path when it starts them, but a notebook may be renamed
later; so the server is asked first where its sessions are. The cell's id comes with every request
to run one.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jupyter_core.paths import jupyter_runtime_dir

from meetwidget.discovery import PARENT_VARIABLE
from meetwidget.wire.control import Location

SESSION_VARIABLE = "JPY_SESSION_NAME"
"""Set by a Jupyter server in a notebook's kernel: the notebook's path when the kernel started."""
ASK_SECONDS = 2.0
"""Longest wait for the server's list of sessions; the place is a kindness, not worth more."""
MAX_PATH = 1024
MAX_CELL = 128


def here() -> Location | None:
    """Returns the notebook and the cell that runs now; None outside of a notebook.

    The path is relative to the server's folder, as people see it in the file browser.
    """
    path = _notebook()
    if path is None or len(path) > MAX_PATH:
        return None
    cell = running_cell()
    return Location(path) if cell is None else Location(path, cell)


def running_cell() -> str | None:
    """Returns the id of the cell that runs now, where the front end tells it."""
    shell = _shell()
    parent: Any = getattr(shell, "get_parent", dict)()
    cell = parent.get("metadata", {}).get("cellId") if isinstance(parent, Mapping) else None
    return cell if isinstance(cell, str) and 0 < len(cell) <= MAX_CELL else None


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def _notebook() -> str | None:
    if getattr(_shell(), "kernel", None) is None:
        return None
    server = _server(os.environ)
    told = os.environ.get(SESSION_VARIABLE)
    if server is None:
        return None
    return _asked(server) or (None if told is None else _relative(told, server.get("root_dir")))


def _server(environ: Mapping[str, str]) -> dict[str, Any] | None:
    """The runtime record of the server that started this kernel."""
    parent = environ.get(PARENT_VARIABLE, "")
    if not parent.isdecimal():
        return None
    try:
        record = json.loads(
            Path(jupyter_runtime_dir(), f"jpserver-{parent}.json").read_text(encoding="utf-8")
        )
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


def _asked(server: Mapping[str, Any]) -> str | None:
    """The notebook that this kernel belongs to now, as the server says."""
    file = getattr(_shell().kernel, "config", {}).get("IPKernelApp", {}).get("connection_file", "")
    kernel = Path(str(file)).stem.removeprefix("kernel-")
    request = urllib.request.Request(
        f"{server['url']}api/sessions", headers={"Authorization": f"token {server.get('token')}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=ASK_SECONDS) as answer:
            sessions = json.loads(answer.read())
    except (OSError, ValueError, KeyError):
        return None
    for session in sessions if isinstance(sessions, list) else []:
        if session.get("kernel", {}).get("id") == kernel:
            path = session.get("path")
            return path if isinstance(path, str) and path else None
    return None


def _relative(path: str, root: object) -> str | None:
    """A notebook's path below the server's folder; None when it is elsewhere."""
    if not os.path.isabs(path):
        return path
    if not isinstance(root, str):
        return None
    try:
        return Path(path).relative_to(root).as_posix()
    except ValueError:
        return None
