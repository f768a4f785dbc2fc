"""What the relay asks of TCP on its sockets."""

from __future__ import annotations

import socket
import sys

import pytest
from meetwidget_server.socket import raw


@pytest.mark.skipif(sys.platform != "linux", reason="the options are those of Linux")
def test_tcp_tries_again_every_second_and_for_a_minute() -> None:
    """After an outage nobody waits for TCP's doubled back-off, nor does a short one cut anybody off."""
    with socket.socket() as taken:
        raw.retry_soon(taken)
        assert taken.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == raw.GIVE_UP_MS
        assert taken.getsockopt(socket.IPPROTO_TCP, 16) == 1
        try:
            longest = taken.getsockopt(socket.IPPROTO_TCP, 44)
        except OSError:
            pytest.skip("this kernel cannot bound TCP's back-off (Linux 6.15 can)")
        assert longest == raw.RETRY_MS
