"""A sound server of the tests' own, with whatever speakers and microphones a test makes up."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def sound_server(folder: Path, *modules: str) -> Iterator[dict[str, str]]:
    """Runs PulseAudio with ``modules``; yields the environment that leads to it.

    Skips the test where PulseAudio is not installed.
    """
    if shutil.which("pulseaudio") is None:
        pytest.skip("no PulseAudio here: run tests/system-packages.sh as root to install it")
    address = folder / "native"
    server = subprocess.Popen(
        [
            *("pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1"),
            *(f"--load={module}" for module in modules),
            f"--load=module-native-protocol-unix socket={address} auth-anonymous=1",
        ],
        env={**os.environ, "HOME": str(folder), "XDG_RUNTIME_DIR": str(folder)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 20
        while not address.exists():
            assert server.poll() is None, "pulseaudio did not start"
            assert time.monotonic() < deadline, "pulseaudio opened no socket"
            time.sleep(0.05)
        yield {"PULSE_SERVER": f"unix:{address}", "PULSE_COOKIE": str(folder / "cookie")}
    finally:
        server.terminate()
        server.wait()
