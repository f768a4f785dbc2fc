"""Servers under measurement: started, asked for their CPU time and memory, and ended."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]


def cpu_seconds(pid: int) -> float:
    """Returns the CPU time of all threads so far (the scheduler's own count, ns)."""
    total = 0
    for task in Path(f"/proc/{pid}/task").iterdir():
        try:
            total += int((task / "schedstat").read_text().split()[0])
        except FileNotFoundError:
            continue
    return total / 1e9


def resident_bytes(pid: int) -> int:
    """Returns the resident set of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


@contextmanager
def plain_server(*arguments: str) -> Iterator[tuple[int, int]]:
    """Runs ``plain_server.py``; yields its process id and port."""
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'server_extension'}"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.plain_server", *arguments],
        stdout=subprocess.PIPE,
        cwd=ROOT,
        env=environment,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.pid, int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()
