"""The adapter for the side-by-side bench still fits the studio."""

import asyncio
import importlib
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.end_to_end


class Harness:
    """What the bench gives an adapter's session: a reply, a synthesiser, a recogniser that hears nothing, a speaker."""

    def __init__(self) -> None:
        self.stt = SimpleNamespace(feed=lambda pcm: None, on_final=None, server_turns=False)
        self.tts = SimpleNamespace(synth=self._synth)
        self.speaker = SimpleNamespace(write=self._write)
        self.heard = asyncio.Event()

    async def reply_to(self, text: str) -> str:
        return "the reply"

    async def _synth(self, text: str) -> AsyncIterator[bytes]:
        yield b"\x00\x10" * 2400

    def _write(self, pcm: bytes) -> None:
        self.heard.set()


@pytest.fixture
def adapter(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    peerkit = ModuleType("peerkit")
    peerkit.Handle = peerkit.Adapter = object  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "peerkit", peerkit)
    monkeypatch.setattr(sys, "path", [*sys.path, str(Path(__file__).parents[1] / "bench")])
    monkeypatch.delitem(sys.modules, "peers_adapter", raising=False)
    adapter = importlib.import_module("peers_adapter").Adapter()
    adapter.profile = "equal"
    adapter.sc = SimpleNamespace(turn={"vad_threshold": 0.5, "vad_start": 0.19, "wait": 0.5})
    yield adapter
    adapter.folder.cleanup()


async def test_a_typed_line_is_answered_at_the_bench_s_speaker(adapter: Any) -> None:
    await adapter.setup()
    harness = Harness()
    session = await adapter.start_session(harness)
    await session.push_text("hello")
    await asyncio.wait_for(harness.heard.wait(), 10)
    await session.close()
