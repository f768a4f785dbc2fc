"""Properties of the frame reader that hold for bytes nobody thought of."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings, strategies as st

from tests.unit.socket.client_frames import BINARY, CONTINUATION, PING, TEXT, client_frame
from tests.unit.socket.test_reader import Listener

# The tables behind st.text take a second to load, once.
_patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
_masks = st.binary(min_size=4, max_size=4)


@st.composite
def messages(draw: st.DrawFn) -> tuple[tuple[str, bytes], bytes]:
    """A message and its frames, fragmented anywhere, pings in between."""
    if draw(st.booleans()):
        kind, opcode, content = "text", TEXT, draw(st.text(max_size=200)).encode()
    else:
        kind, opcode, content = "binary", BINARY, draw(st.binary(max_size=300))
    cuts = sorted(draw(st.lists(st.integers(0, len(content)), max_size=3)))
    parts = [content[a:b] for a, b in zip([0, *cuts], [*cuts, len(content)], strict=True)]
    data = b""
    for index, part in enumerate(parts):
        data += client_frame(
            CONTINUATION if index else opcode,
            part,
            final=index == len(parts) - 1,
            mask=draw(_masks),
        )
        if draw(st.booleans()):
            data += client_frame(PING, draw(st.binary(max_size=125)), mask=draw(_masks))
    return (kind, content), data


@st.composite
def chunked(draw: st.DrawFn, data: bytes) -> list[bytes]:
    """The same bytes, cut anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=10)))
    return [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]


@given(st.data())
@_patient
def test_what_is_sent_arrives_however_it_is_cut(data: st.DataObject) -> None:
    """Round trip: any messages, any fragmentation, any chunks."""
    sent = data.draw(st.lists(messages(), max_size=5))
    listener = Listener()
    for chunk in data.draw(chunked(b"".join(frames for _, frames in sent))):
        listener.reader.feed(chunk)
    assert listener.messages == [message for message, _ in sent]
    assert listener.outcome is None
    assert listener.reader.buffered == 0


_plausible = st.builds(
    client_frame,
    st.integers(0, 15),
    st.binary(max_size=140),
    final=st.booleans(),
    reserved=st.sampled_from([0, 0, 0, 0, 1, 4]),
    mask=st.one_of(_masks, _masks, _masks, st.none()),
)


@given(st.data())
@_patient
def test_any_bytes_end_the_same_way_in_any_chunks_within_bounds(data: st.DataObject) -> None:
    """Garbage neither crashes nor loops nor grows, and cutting it changes nothing."""
    pieces = data.draw(st.lists(st.one_of(st.binary(max_size=60), _plausible), max_size=8))
    stream = b"".join(pieces)
    whole, cut = Listener(limit=200), Listener(limit=200)
    whole.reader.feed(stream)
    for chunk in data.draw(chunked(stream)):
        cut.reader.feed(chunk)
        assert cut.reader.buffered <= 200 + 14 + 200
    assert cut.messages == whole.messages
    assert cut.pings == whole.pings
    assert cut.closed == whole.closed
    assert cut.failed == whole.failed
