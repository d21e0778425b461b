"""How many lines are spoken at once."""

import asyncio

from studio.providers.casting.lanes import Lanes


async def test_the_local_engine_speaks_one_by_one_and_services_a_few_at_a_time():
    lanes, now, most = Lanes(), {"local": 0, "openai": 0}, {"local": 0, "openai": 0}

    async def speak(provider: str) -> None:
        async with lanes.of(provider):
            now[provider] += 1
            most[provider] = max(most[provider], now[provider])
            for _ in range(3):
                await asyncio.sleep(0)
            now[provider] -= 1

    await asyncio.gather(*(speak(provider) for provider in ("local", "openai") * 9))
    assert most == {"local": 1, "openai": 4}
