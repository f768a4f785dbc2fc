"""The ways a WebSocket's bytes can take through the relay; all must look the same."""

from __future__ import annotations

import ssl
import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File


@dataclass(frozen=True)
class Path:
    """One way."""

    name: str
    fast_path: bool
    """What the operator configured."""
    encrypted: bool
    takes_over: bool
    """Whether the relay then reads the socket itself."""
    own_epoll: bool = True
    """Whether it may watch its sockets in an epoll set of its own."""

    def tls(self) -> tuple[ssl.SSLContext, ssl.SSLContext] | None:
        """The server's and the clients' contexts, if this way is encrypted."""
        return _contexts() if self.encrypted else None


PATHS = [
    Path("fast", fast_path=True, encrypted=False, takes_over=True),
    Path("fast without epoll", fast_path=True, encrypted=False, takes_over=True, own_epoll=False),
    Path("standard", fast_path=False, encrypted=False, takes_over=False),
    Path("tls", fast_path=True, encrypted=True, takes_over=False),
]
PLAIN_PATHS = PATHS[:3]


_MAKE_CERTIFICATE = [
    "openssl",
    "req",
    "-x509",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-days",
    "2",
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=DNS:localhost",
]


@cache
def _contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    with tempfile.TemporaryDirectory() as folder:
        certificate, key = File(folder) / "certificate.pem", File(folder) / "key.pem"
        subprocess.run(
            [*_MAKE_CERTIFICATE, "-keyout", key, "-out", certificate],
            check=True,
            capture_output=True,
        )
        server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        server.load_cert_chain(certificate, key)
        client = ssl.create_default_context(cafile=str(certificate))
    return server, client
