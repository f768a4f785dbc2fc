"""Networks that tests make: moving into one, and one of its own for a process of the tests."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct
from pathlib import Path

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


def enter(namespace: str) -> None:
    """Moves the calling thread into a namespace; processes it starts are born there."""
    with Path(f"/run/netns/{namespace}").open() as file:
        if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), _CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"cannot enter {namespace}")


def own_network() -> None:
    """Moves the calling thread, and what it starts from now on, into a network with a loopback only.

    Nobody else takes its ports, and it leads nowhere.

    Raises:
        OSError: it may not; root may.
    """
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "cannot make a network namespace")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        fcntl.ioctl(ask, _SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", _IFF_UP))


def may_have_one() -> bool:
    """Whether this process may make one."""
    return os.name == "posix" and os.geteuid() == 0
