"""A network of its own for a process of the tests: nobody else takes its ports, and it leads nowhere."""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import struct

_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


def own_network() -> None:
    """Moves the calling thread, and what it starts from now on, into a network with a loopback only.

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
