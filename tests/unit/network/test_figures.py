"""What the network bench makes of pictures and tones, on made-up samples with known answers."""

from __future__ import annotations

from typing import Any

import pytest

from tests.network.figures import (
    ROUND_MS,
    SLOT_MS,
    TONES,
    ear_latencies,
    figures,
    frozen,
    quantile,
    steady_after,
)

T0 = 1_795_000_000_000 - 1_795_000_000_000 % ROUND_MS


def melody(
    latency: float, start: float, end: float, gap: tuple[float, float] = (0, 0)
) -> list[Any]:
    """What an ear hears every 5 ms of a mouth ``latency`` ms away; nothing during ``gap``."""
    heard = []
    for n in range(int((end - start) / 5)):
        at = start + n * 5
        # The middle of the ear's window decides.
        tone = int((at - 10 - latency) // SLOT_MS) % TONES
        heard.append([at, -1 if gap[0] <= at < gap[1] else tone, 0.2])
    return heard


def samples(**parts: Any) -> dict[str, Any]:
    """Ten seconds of nothing, and ``parts``."""
    nothing: dict[str, Any] = {
        "begun": T0,
        "ended": T0 + 10_000,
        "pictures": [],
        "heard": [],
        "arrivals": [],
        "stats": [],
        "rival": [],
        "outputMs": 0.0,
    }
    return nothing | parts


@pytest.mark.parametrize("latency", [0, 40, 137, 600, 3900])
def test_a_tone_tells_its_age_up_to_four_seconds(latency: float) -> None:
    """Every change of tone gives the way from mouth to ear, to the ear's 5 ms, output included."""
    ages = ear_latencies(melody(latency, T0, T0 + 3000), output_ms=30)
    assert len(ages) >= 20
    assert all(latency + 30 <= age <= latency + 35 for age in ages)


def test_the_tone_after_a_gap_tells_nothing() -> None:
    """A tone whose beginning nobody heard would pass for an old one."""
    heard = melody(50, T0, T0 + 2000, gap=(T0 + 500, T0 + 1030))
    assert max(ear_latencies(heard, 0)) <= 55


def test_silence_is_a_share_of_time() -> None:
    """One second of ten without a tone is a tenth."""
    heard = melody(50, T0, T0 + 10_000, gap=(T0 + 2000, T0 + 3000))
    assert figures(samples(heard=heard)).silent == pytest.approx(0.1)


def test_only_long_pauses_count_as_frozen_and_edges_do() -> None:
    """250 ms is no freeze; half a second between pictures and a second at the end are."""
    seen = [0.0, 250.0, 750.0, 1000.0]
    assert frozen(seen, 0.0, 2000.0) == pytest.approx((500 + 1000) / 2000)
    assert frozen([], 0.0, 2000.0) == 1.0


def test_pictures_give_latency_rate_and_size() -> None:
    """The age of each picture, how many a second, and the width of most of them."""
    pictures = [[T0 + n * 50, T0 + n * 50 - (30 if n % 2 else 40), 640] for n in range(200)]
    result = figures(samples(pictures=pictures))
    assert (result.video_p50, result.fps, result.width) == (35, 20, 640)
    assert result.frozen == 0


def test_steady_is_three_good_seconds_on_end() -> None:
    """Late or few pictures are not steady, nor a few good seconds; None if it never comes to that."""

    def line(good_from: float) -> list[tuple[float, float]]:
        return [
            (T0 + n * 100.0, T0 + n * 100.0 - (100 if n * 100 >= good_from else 900))
            for n in range(100)
        ]

    assert steady_after(line(0), T0, T0 + 10_000) == 0.0
    # 95 of 100: one late picture of ten is one too many.
    assert steady_after(line(4000), T0, T0 + 10_000) == pytest.approx(4.0, abs=0.11)
    assert steady_after(line(9000), T0, T0 + 10_000) is None
    assert steady_after(line(0)[:50], T0, T0 + 10_000) is None, "steady at first only"
    sparse = [(T0 + n * 1000.0, T0 + n * 1000.0 - 50) for n in range(10)]
    assert steady_after(sparse, T0, T0 + 10_000) is None


def test_after_an_outage_only_fresh_media_count() -> None:
    """What was queued during the outage is old: the first fresh packet and picture are the return."""
    back = T0 + 5000
    result = figures(
        samples(
            pictures=[[back + 200, back - 4000, 640], [back + 900, back + 700, 640]],
            arrivals=[[back + 100, 1, 4500, 80], [back + 400, 1, 60, 80]],
            heard=melody(60, back + 450, back + 900),
        ),
        back_at=back,
    )
    assert result.picture_back_s == 0.9
    assert result.sound_back_s == pytest.approx(0.45)


def test_bits_and_ages_of_what_arrives_are_told_by_kind() -> None:
    """Video counts into the bitrate, sound into the time of arrival."""
    arrivals = [[T0 + n, 2, 50, 1250] for n in range(100)] + [[T0 + n, 1, 70, 80] for n in range(9)]
    result = figures(samples(arrivals=arrivals))
    assert result.video_kbps == pytest.approx(100)
    assert (result.arrival_p50, result.arrival_p95) == (70, 70)


def test_quantiles_interpolate_and_nothing_has_none() -> None:
    """As in the other benchmarks."""
    assert quantile([3, 1, 2], 0.5) == 2
    assert quantile([0, 10], 0.95) == pytest.approx(9.5)
    assert quantile([], 0.5) is None
