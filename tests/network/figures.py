"""From what a page saw and heard to the figures that say how live a meeting was.

Pictures carry the time they were drawn at by the camera; each tone of the melody belongs to an eighth
of a second (js/dev/bench). One machine, one clock: latencies are differences.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

# The same numbers are in js/dev/bench/tones.ts.
SLOT_MS = 125
TONES = 32
HALF_WINDOW_MS = 10
"""The ear looks at 20 ms; a new tone prevails when half of them are its own."""
ROUND_MS = SLOT_MS * TONES
"""Sound older than this (4 s) would pass for younger."""

FREEZE_MS = 250
"""A longer pause between two pictures is seen as a freeze."""
STEADY_P95_MS = 400
"""After a drop: pictures of a second are steady if 95 of 100 are younger than this,"""
STEADY_PICTURES = 5
"""if there are so many,"""
STEADY_SECONDS = 3
"""if it stays so for this many seconds on end,"""
STEADY_SHARE = 0.8
"""and for this part of the seconds that are left before the line gets better again."""
FRESH_MS = 1500
"""After an outage: what is older comes from before or out of a queue."""

AUDIO, VIDEO = 1, 2
"""Kinds of media frames."""

Samples = dict[str, Any]


@dataclass
class Figures:
    """One direction of one meeting on one line; ms, and None where there is nothing to tell."""

    video_p50: float | None = None
    video_p95: float | None = None
    frozen: float | None = None
    """Part of the time in pauses longer than 250 ms."""
    fps: float = 0.0
    width: int = 0
    """Of most pictures."""
    video_kbps: float = 0.0
    arrival_p50: float | None = None
    """Sound: from capture until it is out of the socket."""
    arrival_p95: float | None = None
    ear_p50: float | None = None
    """Sound: from the mouth to the loudspeaker."""
    ear_p95: float | None = None
    silent: float | None = None
    """Part of the time with nothing to hear, though somebody sings all the time."""
    concealed: float | None = None
    """Part of the sound that was made up, by the receiver's own count."""
    buffer_ms: float | None = None
    """Mean of sound waiting in the jitter buffer."""
    steady_s: float | None = None
    """From the drop of the line until pictures are steady again."""
    picture_back_s: float | None = None
    """From the line's return to the first fresh picture."""
    sound_back_s: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            key: round(value, 4) if isinstance(value, float) else value
            for key, value in asdict(self).items()
        }


def quantile(values: list[float], q: float) -> float | None:
    """Returns the ``q`` quantile of ``values`` by linear interpolation; None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    place = q * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def figures(
    samples: Samples, *, dropped_at: float | None = None, back_at: float | None = None
) -> Figures:
    """Returns what ``samples`` mean; the events are ms since 1970."""
    begun, ended = float(samples["begun"]), float(samples["ended"])
    seconds = (ended - begun) / 1000
    pictures = [(float(seen), float(drawn)) for seen, drawn, _ in samples["pictures"]]
    ages = [seen - drawn for seen, drawn in pictures]
    heard = samples["heard"]
    ears = ear_latencies(heard, samples["outputMs"])
    arrivals = [float(age) for _, kind, age, _ in samples["arrivals"] if kind == AUDIO]
    widths = [int(width) for _, _, width in samples["pictures"]]
    result = Figures(
        video_p50=quantile(ages, 0.5),
        video_p95=quantile(ages, 0.95),
        frozen=frozen([seen for seen, _ in pictures], begun, ended),
        fps=len(pictures) / seconds,
        width=max(set(widths), key=widths.count) if widths else 0,
        video_kbps=sum(size for _, kind, _, size in samples["arrivals"] if kind == VIDEO)
        * 8
        / 1000
        / seconds,
        arrival_p50=quantile(arrivals, 0.5),
        arrival_p95=quantile(arrivals, 0.95),
        ear_p50=quantile(ears, 0.5),
        ear_p95=quantile(ears, 0.95),
        silent=sum(tone < 0 for _, tone, _ in heard) / len(heard) if heard else None,
    )
    _from_engine(result, samples["stats"], seconds)
    _from_rival(result, samples["rival"])
    if dropped_at is not None:
        until = back_at if back_at is not None else ended
        result.steady_s = steady_after(pictures, dropped_at, until)
    elif back_at is not None:
        result.picture_back_s = _first(
            (seen for seen, drawn in pictures if seen - drawn < FRESH_MS), back_at
        )
        result.sound_back_s = _sound_back(samples, back_at)
    return result


def frozen(seen: list[float], begun: float, ended: float) -> float:
    """Returns the part of the time in pauses longer than :data:`FREEZE_MS`, edges included."""
    moments = [begun, *seen, ended]
    pauses = [after - before for before, after in pairwise(moments)]
    return sum(pause for pause in pauses if pause > FREEZE_MS) / (ended - begun)


def ear_latencies(heard: list[list[float]], output_ms: float) -> list[float]:
    """Returns how old each tone's beginning was when it was heard.

    Only a tone that follows its own predecessor counts: after a gap one cannot know whether it was
    heard from its beginning.
    """
    ages = []
    for (_, before, _), (at, tone, _) in pairwise(heard):
        if tone < 0 or tone == before or tone != (before + 1) % TONES:
            continue
        ages.append((at - HALF_WINDOW_MS - tone * SLOT_MS) % ROUND_MS + output_ms)
    return ages


def steady_after(
    pictures: list[tuple[float, float]], dropped_at: float, until: float
) -> float | None:
    """Returns seconds from the drop until pictures are steady (in steps of 0.1); None: never.

    Steady means: in each of the next three seconds, and in four fifths of all until the line is better
    again, at least five pictures, 95 of 100 not older than 400 ms.
    """
    last = (until - dropped_at) / 1000 - STEADY_SECONDS
    for tenth in range(max(0, int(last * 10)) + 1):
        start = dropped_at + tenth * 100
        good = [_steady(pictures, start + n * 1000) for n in range(int((until - start) / 1000))]
        if all(good[:STEADY_SECONDS]) and sum(good) >= STEADY_SHARE * len(good):
            return tenth / 10
    return None


def _steady(pictures: list[tuple[float, float]], start: float) -> bool:
    ages = [seen - drawn for seen, drawn in pictures if start <= seen < start + 1000]
    if len(ages) < STEADY_PICTURES:
        return False
    worst = quantile(ages, 0.95)
    return worst is not None and worst <= STEADY_P95_MS


def _sound_back(samples: Samples, back_at: float) -> float | None:
    # Old sound out of a queue is no return: fresh packets tell, and the ear when they are heard.
    fresh = _first(
        (at for at, kind, age, _ in samples["arrivals"] if kind == AUDIO and age < FRESH_MS),
        back_at,
    )
    since = back_at + (fresh or 0) * 1000
    if fresh is None and samples["arrivals"]:
        return None
    heard = _first((at for at, tone, _ in samples["heard"] if tone >= 0), since)
    return None if heard is None else heard + (since - back_at) / 1000


def _first(moments: Any, after: float) -> float | None:
    """Returns seconds from ``after`` to the first of the moments that is later."""
    return next((round((at - after) / 1000, 2) for at in moments if at >= after), None)


def _from_engine(result: Figures, stats: list[Any], seconds: float) -> None:
    buffers = [
        one["bufferMs"]
        for _, streams, _ in stats
        for one in streams.values()
        if one.get("bufferMs") is not None
    ]
    if buffers:
        result.buffer_ms = sum(buffers) / len(buffers)
    missing = [
        one["missingMs"]
        for _, streams, _ in stats
        for one in streams.values()
        if one.get("missingMs") is not None
    ]
    if missing:
        result.concealed = (missing[-1] - missing[0]) / 1000 / seconds


def _from_rival(result: Figures, reports: list[Any]) -> None:
    if len(reports) < 2:
        return
    first, last = reports[0], reports[-1]
    if "video" in first and "video" in last:
        bits = (last["video"]["bytesReceived"] - first["video"]["bytesReceived"]) * 8
        passed = last["video"]["timestamp"] - first["video"]["timestamp"]
        result.video_kbps = bits / max(1.0, passed)
    if "audio" in first and "audio" in last:
        result.concealed = _per(first, last, "concealedSamples", "totalSamplesReceived")
        waited = _per(first, last, "jitterBufferDelay", "jitterBufferEmittedCount")
        result.buffer_ms = None if waited is None else waited * 1000


def _per(first: Any, last: Any, what: str, of: str) -> float | None:
    whole = last["audio"].get(of, 0) - first["audio"].get(of, 0)
    return (last["audio"].get(what, 0) - first["audio"].get(what, 0)) / whole if whole else None
