"""The event loop in which the tests run, and when it counts as at rest."""

import asyncio

from tests.resting import running_loop


async def test_the_loop_is_at_rest_once_callbacks_and_threads_are_done_whatever_timers_are_set() -> None:
    loop, done = running_loop(), list[int]()

    async def work() -> None:
        for number in range(3):
            await asyncio.to_thread(done.append, number)
            await asyncio.sleep(0)

    working, later = loop.create_task(work()), loop.call_later(3600, done.clear)
    await loop.rest()
    assert done == [0, 1, 2]
    assert working.done()
    later.cancel()


async def test_stir_returns_once_a_loop_at_rest_has_something_to_do() -> None:
    loop = running_loop()
    stirring = loop.create_task(loop.stir())
    await loop.rest()
    assert not stirring.done()
    loop.call_soon(lambda: None)
    await stirring


async def test_the_loop_can_wait_until_no_child_process_runs() -> None:
    loop, pipe = running_loop(), asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec("cat", stdin=pipe, stdout=pipe)
    waiting = loop.create_task(loop.no_child_runs())
    await loop.rest()
    assert not waiting.done()
    process.kill()
    await waiting
    assert process.returncode is not None
