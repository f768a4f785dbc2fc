"""What of a sender's video is passed on and remembered."""

from meetwidget_server.room.sequence import VideoSequence

from tests.unit.room.stage import Camera, video


def sequence() -> VideoSequence:
    return VideoSequence(max_bytes=10_000, max_frames=50)


def test_nothing_passes_before_a_key_frame() -> None:
    """Deltas without a beginning reach nobody."""
    one = sequence()
    assert not one.admit(video(1, 0, 7))
    assert one.broken
    assert one.admit(video(1, 1, 8, key=True))
    assert one.admit(video(1, 2, 9))


def test_gap_in_the_base_count_breaks_until_the_next_key() -> None:
    """After a base frame that never came, everything is withheld until a key frame."""
    one = sequence()
    assert one.admit(video(1, 0, 1, key=True))
    assert not one.admit(video(1, 1, 3))
    assert not one.admit(video(1, 2, 4))
    assert not one.admit(video(1, 3, 4, layer=1))
    assert one.catch_up(10_000) == ([], False)
    assert one.admit(video(1, 4, 5, key=True))


def test_base_count_wraps() -> None:
    """Count 0 follows 65535."""
    one = sequence()
    assert one.admit(video(1, 0, 0xFFFF, key=True))
    assert one.admit(video(1, 1, 0))


def test_upper_layer_of_another_base_frame_is_withheld() -> None:
    """An upper-layer frame passes only with the base frame that it builds on."""
    one = sequence()
    one.admit(video(1, 0, 1, key=True))
    assert one.admit(video(1, 1, 1, layer=1))
    assert not one.admit(video(1, 2, 2, layer=1))
    assert one.admit(video(1, 3, 2))


def test_unfinished_base_unit_breaks() -> None:
    """A base unit whose last fragment never came cannot be built upon."""
    one = sequence()
    one.admit(video(1, 0, 1, key=True))
    assert one.admit(video(1, 1, 2, last=False, at=5))
    assert not one.admit(video(1, 2, 3, at=6))
    assert one.broken


def test_catch_up_is_the_base_layer_since_the_last_key() -> None:
    """A joiner gets what is needed for the newest picture and no more."""
    one = sequence()
    camera = Camera(1, size=100)
    units = [camera.unit(key=True), *(camera.unit() for _ in range(4))]
    for unit in units:
        for frame in unit:
            one.admit(frame)
    frames, current = one.catch_up(10_000)
    assert current
    assert frames == [frame for unit in units[::2] for frame in unit]
    assert [frame[1] & 0x0C for frame in frames] == [0, 0, 0]
    (key,) = camera.unit(key=True)
    one.admit(key)
    assert one.catch_up(10_000) == ([key], True)


def test_catch_up_ends_with_the_newest_picture_of_an_upper_layer() -> None:
    """When a picture stands still after an upper-layer unit, a joiner sees it, once it is whole."""
    one = sequence()
    for frame in (
        video(1, 0, 1, key=True, at=1),
        video(1, 1, 1, layer=1, at=2),
        video(1, 2, 2, at=3),
        video(1, 3, 2, layer=1, at=4, last=False),
    ):
        assert one.admit(frame)
    frames, current = one.catch_up(10_000)
    assert current
    assert [frame[15] for frame in frames] == [1, 3], "half a unit shows nothing"
    assert one.admit(video(1, 4, 2, layer=1, at=4))
    frames, _ = one.catch_up(10_000)
    assert [frame[15] for frame in frames] == [1, 3, 4, 4]


def test_key_frame_alone_when_the_rest_is_too_much() -> None:
    """With little credit a joiner gets a still at least; with less, nothing."""
    one = sequence()
    key = video(1, 0, 1, key=True, size=500)
    for frame in (key, video(1, 1, 2, size=500), video(1, 2, 3, size=500)):
        one.admit(frame)
    assert one.catch_up(1499) == ([key], False)
    assert one.catch_up(499) == ([], False)


def test_memory_is_bounded_in_bytes_and_frames() -> None:
    """A group of pictures that grows too long is forgotten until the next key frame."""
    for size, count in ((5000, 4), (30, 60)):
        one = sequence()
        for number in range(count):
            one.admit(video(1, number, number, key=number == 0, size=size))
            assert one.cached_bytes <= 10_000
        assert one.catch_up(1 << 20) == ([], False)
        one.admit(video(1, 100, 100, key=True))
        assert one.catch_up(1 << 20)[1]
