"""How long a long room takes: its first page, a page around an old message, search, transcripts.

``python -m tests.benchmarks.bench_chat`` fills the log of a real Jupyter server and asks it over
HTTP, one call after the other, as the one browser that somebody waits in front of.

It measures, it does not test: nothing here fails because a machine is slow. On a machine that does
other things too, the CPU the server took says more than the time on the wall.
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from tests.benchmarks.long_talk import fill
from tests.benchmarks.processes import cpu_seconds
from tests.jupyter_process import JupyterProcess

ROOM = "long"
QUERIES = {
    "a rare word": "bumu1999",
    "the beginning of a word": "dab",
    "the most common word": "beba1",
    "three common words": "beba1 biba2 boba3",
    "two words in quotes": '"beba1 biba2"',
    "a word that was never said": "nothingness",
    "a sign (all texts are looked through)": "♥",
}


def calls(server: JupyterProcess, path: str, times: int) -> Iterator[tuple[float, int]]:
    """Gives ms and bytes of each of some calls on one connection."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=300)
    headers = {"Authorization": f"token {server.token}"}
    for _ in range(times):
        start = time.perf_counter()
        connection.request("GET", f"{server.base_url}meet/api/rooms/{ROOM}/{path}", headers=headers)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == 200, body
        yield (time.perf_counter() - start) * 1000, len(body)
    connection.close()


def line(server: JupyterProcess, what: str, path: str, times: int) -> str:
    """Returns one row of the table."""
    before = cpu_seconds(server.pid)
    found = list(calls(server, path, times))
    cpu = (cpu_seconds(server.pid) - before) / times * 1000
    ms = [one for one, _ in found]
    size = found[0][1] / 1024
    return f"| {what} | {statistics.median(ms):.1f} | {max(ms):.1f} | {cpu:.1f} | {size:.0f} |"


def measure(messages: int, times: int) -> Iterator[str]:
    """Gives the rows for a room with so many messages."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "rooms.sqlite"
        config = f"c.MeetRelay.database = {str(database)!r}\nc.MeetRelay.history_kept = 10**7\n"
        start = time.perf_counter()
        events = fill(database, ROOM, messages)
        each = (time.perf_counter() - start) / events * 1e6
        size = database.stat().st_size / 1024 / 1024
        yield f"{messages} messages, {events} events: {size:.0f} MB, {each:.0f} µs each to write"
        server = JupyterProcess(folder, "jupyter_server", config=config).start()
        try:
            yield "| | median ms | worst ms | server's CPU ms | kB |"
            yield "|---|---:|---:|---:|---:|"
            yield line(server, "newest page (100)", "messages?limit=100", times)
            middle = f"m{messages // 2}"
            yield line(server, "page around a message (100)", f"messages?around={middle}", times)
            for what, query in QUERIES.items():
                path = f"search?q={quote(query)}&limit=20"
                yield line(server, f"search: {what}", path, times)
            for format_ in ("ipynb", "md", "json"):
                yield line(server, f"transcript, {format_}", f"transcript?format={format_}", 3)
        finally:
            server.stop()


def main() -> int:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    for messages in options.messages:
        for row in measure(messages, options.times):
            print(row, flush=True)
        print()
    return 0


if __name__ == "__main__":
    sys.exit(main())
