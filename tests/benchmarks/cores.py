"""Which processor runs what: the relay has one to itself, the load has the others."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def split() -> tuple[set[int], set[int]]:
    """Returns the relay's core and those of the load; the same one if there is but one."""
    cores = sorted(os.sched_getaffinity(0))
    return {cores[-1]}, set(cores[:-1]) or {cores[-1]}


@contextmanager
def on(cores: set[int]) -> Iterator[None]:
    """Whatever this thread starts meanwhile, and the thread itself, runs on ``cores`` only."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def pinned(pid: int) -> set[int]:
    """Returns the cores on which any thread of a process may run."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return set().union(*(os.sched_getaffinity(int(task.name)) for task in tasks))


def allow_many_sockets() -> None:
    """Raises the limit of open files as far as it goes; children inherit it."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
