"""A real Jupyter server for the TypeScript tests, driven by lines on standard input.

``start`` (again, after ``kill``), ``kill``, ``stop``; each is answered with one line of JSON
``{"url", "token"}`` when it is done. The server ends when the input does.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.jupyter_process import JupyterProcess

# Two hundred messages at once are a test of paging here, not of the rate limit.
CONFIG = "c.MeetRelay.messages_burst = 1000"


def main() -> None:
    """Carries out commands until the input ends."""
    with tempfile.TemporaryDirectory(prefix="meetwidget-js-") as folder:
        server = JupyterProcess(Path(folder), "jupyter_server", "/a%40b/", CONFIG)
        try:
            for line in sys.stdin:
                {"start": server.start, "kill": server.kill, "stop": server.stop}[line.strip()]()
                sys.stdout.write(json.dumps({"url": server.url, "token": server.token}) + "\n")
                sys.stdout.flush()
        finally:
            server.kill()


if __name__ == "__main__":
    main()
