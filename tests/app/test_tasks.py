"""Work that runs beside the person."""

import asyncio

import pytest

from studio.app.tasks import Tasks


async def test_what_is_begun_has_come_to_its_first_wait_and_what_is_spawned_has_not():
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    done: list[str] = []

    async def work(name: str) -> None:
        done.append(name)
        await asyncio.sleep(0)
        done.append(f"{name} ended")

    tasks.spawn(work("spawned"), "wait")
    begun = tasks.begin(work("begun"), "hurry")
    assert done == ["begun"]
    await begun
    await tasks.close()


@pytest.mark.parametrize("start", ["spawn", "begin"])
async def test_a_failure_is_reported_at_once_with_its_name(start: str):
    told: list[tuple[str, str]] = []
    tasks = Tasks(lambda what, error: told.append((what, str(error))))

    async def fail() -> None:
        raise ValueError("it broke")

    getattr(tasks, start)(fail(), "play a clip")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert told == [("play a clip", "it broke")]
