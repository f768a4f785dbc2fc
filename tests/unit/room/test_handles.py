"""Handles: unique, rested, excused."""

import pytest
from hypothesis import given, strategies as st
from meetwidget_server.room.handles import REST, HandlePool, NoHandles


def test_released_handle_rests_before_reuse() -> None:
    """A handle comes back only after its rest, and its late frames are excused until then."""
    pool = HandlePool(size=2)
    handle = pool.take("ada", 0.0)
    pool.release(handle, 1.0)
    assert pool.was_owned_by(handle, "ada")
    assert not pool.was_owned_by(handle, "bob")
    with pytest.raises(NoHandles):
        pool.take("bob", REST)
    assert pool.free(REST + 1.0) == 1
    assert pool.take("bob", REST + 1.0) == handle
    assert not pool.was_owned_by(handle, "ada")


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 200)), max_size=80))
def test_no_handle_has_two_owners(steps: list[tuple[bool, int]]) -> None:
    """Whatever is taken and released when: handles in use are distinct, and never 0."""
    pool = HandlePool(size=8)
    held: list[int] = []
    now = 0.0
    for take, seconds in steps:
        now += seconds
        if take:
            free = pool.free(now)
            try:
                handle = pool.take("ada", now)
            except NoHandles:
                assert free == 0
                continue
            assert 0 < handle < 8
            assert handle not in held
            held.append(handle)
        elif held:
            pool.release(held.pop(0), now)
