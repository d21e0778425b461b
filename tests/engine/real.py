"""A real engine process with real children, for tests that end processes."""

import asyncio
import sys
from pathlib import Path

from studio.engine.client import EngineClient
from tests.engine.conftest import Seen

HEAD = "import asyncio, os, sys, time\nfrom primfunctions.events import *\nasync def handler(event, context):\n"
TALKER = """    if isinstance(event, StartEvent):
        yield TextToSpeechEvent(text="hello", voice="nova")
        for n in range(10_000):
            yield LogEvent(str(n))
            await asyncio.sleep(0.02)
"""


def write_agent(folder: Path, source: str, head: str = HEAD) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "handler.py").write_text(head + source)
    return folder


async def start_engine() -> tuple[EngineClient, Seen]:
    client = await EngineClient.start_or_attach()
    seen = client.on_items = Seen()
    return client, seen


def descendants(pid: int) -> list[int]:
    """All processes that a process has started, theirs included (Linux)."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    found = [int(child) for child in children.read_text().split()] if children.exists() else []
    return [*found, *(grandchild for child in found for grandchild in descendants(child))]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


async def until_gone(*pids: int, seconds: float = 5) -> None:
    async with asyncio.timeout(seconds):
        while any(map(is_alive, pids)):  # noqa: ASYNC110 - the system tells nobody
            await asyncio.sleep(0.01)


async def window(project: str) -> None:
    """Start an engine and a session, tell their names, and stay."""
    client, seen = await start_engine()
    started = await client.call("start_session", project=project)
    await seen.until(lambda: seen.of("log"))
    print(client.process.pid if client.process else 0, started["session"], started["path"], flush=True)
    await asyncio.sleep(60)


if __name__ == "__main__":
    asyncio.run(window(sys.argv[1]))
