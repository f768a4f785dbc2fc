"""The interface's states in a real browser, without a server: cheap to look at in every size."""

from __future__ import annotations

import functools
import http.server
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

JS = Path(__file__).resolve().parents[2] / "js"


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def gallery(folder: Path) -> Iterator[str]:
    """Builds the gallery into ``folder`` and serves it; gives its address."""
    subprocess.run(["node", "dev/gallery.mjs", str(folder)], cwd=JS, check=True)
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/index.html"
        finally:
            server.shutdown()
            thread.join()
