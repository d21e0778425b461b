"""Who waits for a condition."""

import asyncio

import pytest

from studio.runtime.waiters import Waiters


async def test_what_nobody_waits_for_any_more_is_not_looked_at():
    waiters, looks = Waiters(), []
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0):
            await waiters.until(lambda: bool(looks.append(1)))
    waiters.look(release_all=False)
    assert looks == [1]
