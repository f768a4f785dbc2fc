"""How live a meeting stays on bad lines, beside a plain RTCPeerConnection on the same line.

``python -m tests.benchmarks.bench_network`` (as root: it makes network namespaces) runs two real
Chromiums through every profile of ``tests/network/profiles.py``, first in a meeting over the relay,
then with a peer connection between the same two pages, and prints one Markdown row each for what Ben
behind the line receives (*down*) and what comes from him (*up*). Both join over the profile's line::

    python -m tests.benchmarks.bench_network                      # all profiles, reno, 7 minutes
    python -m tests.benchmarks.bench_network lossy drop --cc bbr
    python -m tests.benchmarks.bench_network lossy --no-webrtc --seconds 10 --json -

The pages and the relay are built from the tree it runs in. For figures of the last commit while
others edit the tree, unpack it elsewhere::

    git archive HEAD | tar -x -C /tmp/tree && ln -s $PWD/js/node_modules /tmp/tree/js/
    cd /tmp/tree && PYTHONPATH=.:server_extension python -m tests.benchmarks.bench_network

Columns. *video*: from the camera's picture to the picture read back off the tile (it looks once per
animation frame, 17 ms). *frozen*: part of the time in pauses longer than 250 ms. *sound arrives*: from
capture to out of the socket, before the jitter buffer. *mouth to ear*: from the fake microphone's tone to the same
tone at the loudspeaker, the browser's output latency included. *gaps*: part of the time in which
nothing is heard though somebody always sings; in brackets what the receiver itself says it made up.
*recovers*: after the drop, seconds until pictures are steady for good (95 of 100 within 400 ms);
after the outage, seconds from the line's return to the first fresh sound / picture. *idle*: part of
the machine's processors nobody used; below about 10 % figures speak of the machine, not of the line.

Where others use the machine too, everything it starts gets a larger share of the processors
(``--ordinary``: not). It measures, it does not test: nothing here fails because a machine is slow.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.network.figures import Figures, figures
from tests.network.link import why_not
from tests.network.profiles import PROFILES, USUAL, Profile
from tests.network.rig import Attendant, Rig

SETTLE_S = 8.0
"""In the meeting, on the profile's line, before it counts."""

HEAD = (
    "| line | | video p50 / p95, ms | frozen | pictures/s | kbit/s | sound arrives p50 / p95, ms "
    "| mouth to ear p50 / p95, ms | gaps | recovers, s | idle |"
)


def run(rig: Rig, profile: Profile, seconds: float) -> dict[str, Any]:
    """Measures one profile with what is running in the pages; returns figures by direction."""
    time.sleep(SETTLE_S)
    rig.link.tally()
    busy = _processor()
    people: tuple[tuple[str, Attendant], ...] = (("down", rig.ben), ("up", rig.ada))
    for _, someone in people:
        someone.begin()
    started = time.monotonic()
    moments = []
    for step in profile.steps:
        time.sleep(max(0.0, started + step.at - time.monotonic()))
        rig.link.set(step.line)
        moments.append(time.time() * 1000)
    time.sleep(max(0.0, started + max(seconds, profile.seconds) - time.monotonic()))
    seen = {direction: someone.end() for direction, someone in people}
    used = _processor()
    events: dict[str, float] = {}
    if profile.event == "drop":
        events = {"dropped_at": moments[0], "back_at": moments[-1]}
    elif profile.event == "outage":
        events = {"back_at": moments[-1]}
    return {
        "line": rig.link.tally(),
        "idle": (used[1] - busy[1]) / max(1, used[0] - busy[0]),
        "moments": moments,
        "complaints": {someone.name: someone.complaints[-5:] for _, someone in people},
        "samples": seen,
        "figures": {way: figures(samples, **events) for way, samples in seen.items()},
    }


def row(title: str, what: str, way: str, f: Figures, idle: float) -> str:
    """Returns one line of the table."""
    recovers = "–"
    if f.sound_back_s is not None or f.picture_back_s is not None:
        recovers = f"sound {_number(f.sound_back_s, 1)}, picture {_number(f.picture_back_s, 1)}"
    elif f.steady_s is not None:
        recovers = _number(f.steady_s, 1)
    elif "→" in title or "outage" in title:
        recovers = "never"
    made_up = "" if f.concealed is None else f" ({f.concealed:.1%})"
    return (
        f"| {title}, {way} | {what} | {_number(f.video_p50)} / {_number(f.video_p95)} "
        f"| {_share(f.frozen)} | {f.fps:.1f} | {f.video_kbps:.0f} "
        f"| {_number(f.arrival_p50)} / {_number(f.arrival_p95)} "
        f"| {_number(f.ear_p50)} / {_number(f.ear_p95)} "
        f"| {_share(f.silent)}{made_up} | {recovers} | {idle:.0%} |"
    )


def main() -> int:
    """Prints the figures as a Markdown table."""
    parser = argparse.ArgumentParser(description="How live a meeting stays on bad lines.")
    parser.add_argument("profiles", nargs="*", metavar="profile", help=", ".join(PROFILES))
    parser.add_argument("--cc", choices=["reno", "bbr", "cubic"], default="reno", help="of TCP")
    parser.add_argument("--seconds", type=float, default=15, help="measured per profile")
    parser.add_argument("--no-webrtc", action="store_true", help="leave the comparison out")
    parser.add_argument("--no-meeting", action="store_true", help="the comparison only")
    parser.add_argument("--ordinary", action="store_true", help="at ordinary priority")
    parser.add_argument("--json", help="file for all figures, - for standard output")
    parser.add_argument("--samples", action="store_true", help="raw samples into the JSON as well")
    options = parser.parse_args()
    unknown = [name for name in options.profiles if name not in PROFILES]
    if unknown:
        parser.error(f"unknown profile {unknown[0]}; there are {', '.join(PROFILES)}")
    if reason := why_not():
        print(reason, file=sys.stderr)
        return 2
    table = options.json != "-"
    if table:
        print(f"TCP {options.cc}\n\n{HEAD}\n{'|---' * 11}|")
    results = []
    with _turn(), Rig(options.cc, favoured=not options.ordinary) as rig:
        for name in options.profiles or USUAL:
            for what in ("meeting", "WebRTC"):
                if options.no_webrtc if what == "WebRTC" else options.no_meeting:
                    continue
                if what == "meeting":
                    rig.meet(f"bench-{name}", PROFILES[name].line)
                else:
                    rig.rival(PROFILES[name].line)
                result = run(rig, PROFILES[name], options.seconds)
                if table:
                    for way, f in result["figures"].items():
                        print(row(PROFILES[name].title, what, way, f, result["idle"]), flush=True)
                results.append(
                    {"profile": name, "what": what, "cc": options.cc, **_plain(result, options)}
                )
    if options.json == "-":
        print(json.dumps(results))
    elif options.json:
        Path(options.json).write_text(json.dumps(results))
    return 0


@contextmanager
def _turn() -> Iterator[None]:
    """Waits until no other run of this bench measures on this machine."""
    with (Path(tempfile.gettempdir()) / "meetwidget-bench-network.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another run measures on this machine; waiting for its end.", file=sys.stderr)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _plain(result: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    plain = {**result, "figures": {way: f.as_dict() for way, f in result["figures"].items()}}
    if not options.samples:
        del plain["samples"]
    return plain


def _number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.1%}"


def _processor() -> tuple[int, int]:
    """Returns all and idle clock ticks of the machine's processors."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    return sum(ticks[:8]), ticks[3] + ticks[4]


if __name__ == "__main__":
    sys.exit(main())
