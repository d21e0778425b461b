"""The loop that jumps."""

import asyncio
import threading
import time

import pytest

from studio.runtime.virtual_time import VirtualLoop, external, is_virtual


def on_loop(main):
    """The result of a coroutine function on a virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main())


def test_an_hour_passes_at_once_and_to_the_nanosecond():
    async def main():
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert on_loop(main) == 3600.0
    assert time.perf_counter() - began < 45


def test_timers_fire_in_order_of_time_and_then_of_scheduling():
    async def main():
        loop, fired = asyncio.get_running_loop(), []
        for name, when in (("c", 2.0), ("a", 1.0), ("d", 2.0), ("b", 1.0)):
            loop.call_at(when, lambda name=name: fired.append((name, loop.time())))
        await asyncio.sleep(3)
        return fired

    assert on_loop(main) == [("a", 1.0), ("b", 1.0), ("c", 2.0), ("d", 2.0)]


def test_external_work_holds_the_clock():
    async def main():
        loop = asyncio.get_running_loop()
        answer = loop.create_future()
        thread = threading.Timer(0.05, lambda: loop.call_soon_threadsafe(answer.set_result, None))
        timer = asyncio.create_task(asyncio.sleep(10))
        await asyncio.sleep(0)
        async with external():
            assert loop.held
            thread.start()
            await answer
            now = loop.time()
        thread.join()
        await timer
        return now, loop.time(), loop.held

    assert on_loop(main) == (0.0, 10.0, False)


def test_external_work_is_done_one_after_another_in_the_order_in_which_it_was_asked_for():
    async def main():
        loop, log = asyncio.get_running_loop(), []

        async def work(name: str) -> None:
            async with external():
                log.append(f"{name} begins")
                done = loop.create_future()
                thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(done.set_result, None))
                thread.start()
                await done
                thread.join()
                log.append(f"{name} ends")

        await asyncio.gather(work("a"), work("b"), work("c"))
        return log

    assert on_loop(main) == ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


def test_external_work_that_fails_lets_the_clock_go():
    async def main():
        with pytest.raises(KeyError):
            async with external():
                raise KeyError
        await asyncio.sleep(1)
        return asyncio.get_running_loop().time()

    assert on_loop(main) == 1.0


def test_executor_jobs_run_here_and_now():
    async def main():
        where = await asyncio.to_thread(threading.get_ident)
        with pytest.raises(ZeroDivisionError):
            await asyncio.get_running_loop().run_in_executor(None, lambda: 1 // 0)
        return where == threading.get_ident(), asyncio.get_running_loop().time()

    assert on_loop(main) == (True, 0.0)


def test_callbacks_that_are_ready_run_before_the_world_is_looked_at():
    async def main():
        loop, order = asyncio.get_running_loop(), []
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(order.append, "world"))
        thread.start()
        thread.join()  # the message of the world lies there already

        def own(rest: int) -> None:
            order.append("own")
            if rest:
                loop.call_soon(own, rest - 1)

        loop.call_soon(own, 0)
        await asyncio.sleep(0.1)
        return sorted(order)

    assert on_loop(main) == ["own", "world"]


def test_real_loops_hold_nothing():
    async def main():
        async with external():
            return is_virtual()

    assert asyncio.run(main()) is False
