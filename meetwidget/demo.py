"""One command to see a meeting: JupyterLab on a free port, a notebook, and a bot in the room.

The bot is a process of its own and a real kernel-side client, so that one person alone
sees everything a second participant would do.
"""

from __future__ import annotations

import argparse
import json
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Sequence
from pathlib import Path

from meetwidget.wire.rooms import check_room

READY_TIMEOUT_S = 60.0
STOP_TIMEOUT_S = 8.0
_NOTEBOOK = "01-meet.ipynb"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _lay_out(notebooks: Path | None, workspace: Path, room: str) -> None:
    """Copies the tutorials, so that trying them out leaves no mark on the originals."""
    target = workspace / "notebooks"
    target.mkdir(parents=True, exist_ok=True)
    for source in sorted(notebooks.glob("*.ipynb")) if notebooks else []:
        copy = target / source.name
        if not copy.exists() or copy.stat().st_mtime < source.stat().st_mtime:
            shutil.copy2(source, copy)
    first = target / _NOTEBOOK
    if not first.exists():
        first.write_text(json.dumps(_minimal_notebook(room)), encoding="utf-8")


def _minimal_notebook(room: str) -> dict[str, object]:
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": "meet",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": f"%load_ext meetwidget\n%meet join {room}",
            }
        ],
        "metadata": {
            "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }


def _wait_ready(url: str, server: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}meet/api/health", timeout=2) as answer:
                if answer.status == 200:
                    return True
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    return False


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.terminate()
    for process in processes:
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _say(*lines: str) -> None:
    sys.stdout.write("\n".join(lines) + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the demo until Ctrl-C; returns 0, or 1 when the server did not come up."""
    parser = argparse.ArgumentParser(prog="python -m meetwidget.demo", description=__doc__)
    parser.add_argument("--room", default="demo", type=check_room)
    parser.add_argument("--notebooks", type=Path, help="folder with tutorials to copy")
    parser.add_argument("--workspace", type=Path, default=Path.cwd() / "meetwidget-demo")
    parser.add_argument("--port", type=int, default=0, help="0: any free port")
    parser.add_argument("--no-browser", action="store_true", help="only print the address")
    options = parser.parse_args(arguments)

    workspace = options.workspace.resolve()
    _lay_out(options.notebooks, workspace, options.room)
    port = options.port or _free_port()
    token = secrets.token_hex(16)
    url = f"http://localhost:{port}/"
    log_path = workspace / "jupyterlab.log"
    children: list[subprocess.Popen[bytes]] = []
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with log_path.open("wb") as log:
            server = subprocess.Popen(
                [
                    *(sys.executable, "-m", "jupyterlab", "--no-browser"),
                    *("--ip=127.0.0.1", f"--ServerApp.port={port}", "--ServerApp.port_retries=0"),
                    f"--IdentityProvider.token={token}",
                    f"--ServerApp.root_dir={workspace}",
                    *(["--allow-root"] if _is_root() else []),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            children.append(server)
            _say("Starting JupyterLab …")
            if not _wait_ready(url, server):
                _say(f"JupyterLab did not start; its log is {log_path}.")
                return 1
            bot = subprocess.Popen(
                [
                    *(sys.executable, "-m", "meetwidget.bot", "--room", options.room),
                    *("--url", url, "--token", token),
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            children.append(bot)
            page = f"{url}lab/tree/notebooks/{_NOTEBOOK}?token={token}"
            _say(
                "",
                f"  A bot waits for you in room “{options.room}”. Open",
                "",
                f"      {page}",
                "",
                "  and run the first cell: click into it and press Shift+Enter.",
                "  Then click the microphone and the camera to be heard and seen, or write in the chat.",
                "  Open the same address in a second browser to meet yourself.",
                "",
                "  Ctrl-C here ends the demo.",
            )
            if not options.no_browser:
                webbrowser.open(page)
            while server.poll() is None:
                if bot.poll() is not None:
                    _say(f"The bot has stopped; its log is {log_path}. The meeting goes on.")
                    server.wait()
                time.sleep(0.5)
            _say(f"JupyterLab has stopped; its log is {log_path}.")
            return 1
    except KeyboardInterrupt:
        _say("", "The demo has ended.")
        return 0
    finally:
        _stop(children[::-1])


def _is_root() -> bool:
    import os

    return hasattr(os, "geteuid") and os.geteuid() == 0


if __name__ == "__main__":
    sys.exit(main())
