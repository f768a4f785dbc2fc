"""A thread with a loop of its own."""

from __future__ import annotations

import asyncio

from meetwidget.loop_thread import LoopThread


def test_calls_run_on_the_loop_in_order_also_those_from_before_its_start() -> None:
    """Nothing said to a connection is lost because its thread is still starting."""
    stop, seen = asyncio.Event(), list[tuple[int, bool]]()

    async def main() -> None:
        await stop.wait()

    thread = LoopThread("test", main)
    for number in range(3):
        assert thread.call(lambda n=number: seen.append((n, thread.inside())))
    thread.start()
    for number in range(3, 6):
        assert thread.call(lambda n=number: seen.append((n, thread.inside())))
    assert thread.call(stop.set)
    assert thread.join(10)
    assert seen == [(number, True) for number in range(6)]
    assert not thread.inside()


def test_a_call_after_the_end_is_told_so() -> None:
    """Callers learn that nobody will do what they ask."""

    async def main() -> None:
        return

    thread = LoopThread("test", main)
    thread.start()
    assert thread.join(10)
    assert not thread.call(print)


def test_a_thread_never_waits_for_itself() -> None:
    """Leaving from the connection's own thread must not deadlock."""
    waited = list[bool]()

    async def main() -> None:
        waited.append(thread.join(10))

    thread = LoopThread("test", main)
    thread.start()
    assert thread.join(10)
    assert waited == [False]
