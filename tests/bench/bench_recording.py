"""Measures a call recording on the virtual sound card: `python tests/bench/bench_recording.py [seconds]`. Not a test."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from studio.agents.session_settings import SessionSettings
from studio.audio.devices import list_devices
from studio.audio.microphone import Microphone
from studio.audio.speaker import Speaker
from studio.runtime.agent import Agent
from studio.runtime.clock import SessionClock
from studio.runtime.journal import Journal
from studio.runtime.listening import Listening
from studio.runtime.plan import SessionPlan
from studio.runtime.session import Session
from studio.sessions.placement import Placement
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, AUDIO_CALLER, NS, AudioBlock, Record
from tests import virtual_sound
from tests.runtime.fakes import FakeChild, FakeVoices, LoudIsVoice, LoudIsVoiced
from tests.virtual_sound import VirtualSound

EVERY_S = 0.5
LOUD = 6000


def clicks(rate: int, seconds: float) -> np.ndarray:
    """A click of 5 ms every half second."""
    sound = np.zeros(round(rate * seconds), np.int16)
    for start in range(0, len(sound), round(rate * EVERY_S)):
        sound[start : start + rate // 200] = 20000
    return sound


def onsets(sound: np.ndarray, rate: int) -> np.ndarray:
    """Where clicks begin, in samples."""
    loud = np.flatnonzero(np.abs(sound.astype(int)) > LOUD)
    return loud[np.flatnonzero(np.diff(loud, prepend=-rate) > rate // 10)]


def line_of(blocks: list[AudioBlock], topic: str) -> tuple[np.ndarray, Placement]:
    """A line by sample, and where its samples lie on the timeline."""
    blocks = [block for block in blocks if block.topic == topic]
    placement = Placement(blocks[0].rate)
    line = np.zeros(blocks[-1].first_sample + blocks[-1].frames, np.int16)
    for block in blocks:
        placement.add(block.first_sample, block.publish_time)
        line[block.first_sample : block.first_sample + block.frames] = np.frombuffer(block.pcm, "<i2")
    return line, placement


async def call(card: VirtualSound, folder: Path, seconds: float) -> tuple[list[Record], list[AudioBlock], Any]:
    """An agent that records and clicks, a caller who clicks, and a recorder at the speaker."""
    soundfile.write(folder / "agent.wav", clicks(AGENT_RATE, seconds), AGENT_RATE)
    soundfile.write(folder / "caller.wav", clicks(48000, seconds), 48000)

    async def handler(event: Mapping[str, Any]):
        if event["name"] == "start":
            yield {"name": "start_recording", "data": {}}
            yield {"name": "audio", "data": {"path": "agent.wav", "interruptible": False}}
            yield {"name": "stop", "data": {}}

    clock = SessionClock()
    journal = Journal(clock.now)
    records: list[Record] = []
    blocks: list[AudioBlock] = []
    journal.subscribe(records.append, blocks.append)
    plan = SessionPlan(project=folder, channel="phone", call_recordings=folder)
    agent = Agent("bench", FakeChild(handler), {}, SessionSettings())
    speaker = Speaker()
    session = Session("bench", plan, journal, clock, agent, lambda t: None, lambda t: agent, FakeVoices(), speaker)
    session.listen(Listening(journal, LoudIsVoice(), LoudIsVoiced(), session.ears, session.settings))
    recording = card.record(folder / "speaker.wav")
    said = card.say(folder / "caller.wav", wait=False)
    session.use_source(Microphone())
    await session.run()
    card.end_record(recording)
    said.kill()
    return records, blocks, speaker


def show(what: str, off_ms: np.ndarray, note: str = "") -> None:
    off = np.abs(off_ms)
    later = off[round(1 / EVERY_S) :]  # while the device starts its clock is not known yet
    print(f"{what:<55} median {np.median(off):.3f}, most {later.max():.3f} ms (first second {off.max():.3f})  {note}")


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 120.0
    if why := virtual_sound.missing():
        print(f"Nothing is measured: {why}.")
        return
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    with VirtualSound() as card, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ.update(card.env)
        list_devices(rescan=True)
        records, blocks, speaker = asyncio.run(call(card, folder, seconds))
        file = next(r.data["file"] for r in records if r.event == "recording_file")
        began = next(r.publish_time for r in records if r.event == "recording_started")
        frames, _ = soundfile.read(file, dtype="int16")
        captured, rate = soundfile.read(folder / "speaker.wav", dtype="int16")
    print(f"{len(frames) / AGENT_RATE:.1f} s recorded, {speaker.underflows} underflows, load {load:.1f}")
    for channel, topic, who in ((1, AUDIO_AGENT, "agent"), (0, AUDIO_CALLER, "caller")):
        line, placement = line_of(blocks, topic)
        there = onsets(line, placement.rate)
        on_timeline = np.array([placement.time_of(int(sample)) for sample in there])
        on_timeline = on_timeline[on_timeline >= began]
        in_file = began + onsets(frames[:, channel], AGENT_RATE) * (NS / AGENT_RATE)
        if not (len(on_timeline) and len(in_file)):
            print(f"no clicks of the {who}: {len(there)} on the line, {len(in_file)} in the file")
            continue
        nearest = on_timeline[np.abs(on_timeline - in_file[:, np.newaxis]).argmin(axis=1)]
        off = (in_file - nearest) / 1e6
        show(f"{who}: click in the file less click on the timeline", off, f"{len(off)} clicks")
    heard, in_file = onsets(captured, rate) / rate, onsets(frames[:, 1], AGENT_RATE) / AGENT_RATE
    count = min(len(heard), len(in_file))
    off = (in_file[-count:] - heard[-count:]) * 1000
    show("agent: click in the file less click at the speaker", off - np.median(off), "around their median")


if __name__ == "__main__":
    main()
