"""Recordings of the call: the file against the timeline, its callback, and what is refused (platform behaviours 84-86)."""

import asyncio
import sys
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from studio.audio.resample import Resampler
from studio.runtime.plan import Step
from studio.runtime.session import Session
from studio.runtime.stereo import LineRecorder, StereoWriter
from studio.sessions.record_sentences import describe
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, AUDIO_CALLER, CALLER_RATE, NS, AudioBlock, as_json
from tests.loopback_server import Answer, LoopbackServer
from tests.runtime.fakes import Conversation, converse, spoken, tts

STOP = {"name": "stop_recording", "data": {}}


def start(url: str | None = None) -> dict[str, Any]:
    return {"name": "start_recording", "data": {"status_callback_url": url}}


def on(**outputs):
    """A handler that yields outputs by event name."""

    async def handler(event: Mapping[str, Any]):
        for output in outputs.get(event["name"], ()):
            yield output

    return handler


def recorded(handler, steps, folder: Path, **options: Any) -> Conversation:
    """A conversation on the phone whose recordings lie in `folder`."""
    options = {
        "channel": "phone",
        "keep_audio": True,
        "phrases": ["yes", "no"],
        "call_recordings": folder,
        "limit_s": 900,
        **options,
    }
    return converse(handler, steps, **options)


def timeline(talk: Conversation, topic: str, rate: int, frames: int) -> np.ndarray:
    """A line as its blocks lie on the timeline, so many samples from the session's start."""
    line = np.zeros(frames, np.int16)
    for block in talk.audio:
        if block.topic == topic:
            first = round(block.publish_time * rate / NS)
            samples = np.frombuffer(block.pcm, "<i2")[: max(0, frames - first)]
            line[first : first + len(samples)] = samples
    return line


def file_of(talk: Conversation, number: int = 0) -> np.ndarray:
    """The frames [n, 2] of a recording."""
    path = talk.of("recording_file")[number].data["file"]
    frames, rate = soundfile.read(path, dtype="int16")
    assert rate == AGENT_RATE
    return frames


def assert_true_to_the_timeline(talk: Conversation, number: int = 0) -> None:
    """Both channels of the file, sample for sample."""
    frames = file_of(talk, number)
    first = talk.of("recording_started")[number].data["from_sample"]
    last = talk.of("recording_ended")[number].data["to_sample"]
    assert len(frames) == last - first
    agent = timeline(talk, AUDIO_AGENT, AGENT_RATE, last)[first:]
    assert np.array_equal(frames[:, 1], agent)
    caller = timeline(talk, AUDIO_CALLER, CALLER_RATE, last * 2 // 3 + 64)[first * 2 // 3 :]
    resampler = Resampler(CALLER_RATE, AGENT_RATE)
    expected = resampler.process(caller)[round(resampler.delay) :][: len(frames)]
    assert np.array_equal(frames[:, 0], expected)
    if caller.any():  # and the filter's delay is made up for
        onset = int(np.flatnonzero(caller)[0]) * 3 / 2
        assert abs(int(np.flatnonzero(np.abs(frames[:, 0]) > 1000)[0]) - onset) <= 1


def test_ten_minutes_with_cuts_are_true_to_the_timeline_sample_by_sample(tmp_path):
    line = "a line of the agent that takes its time and is talked over now and then"
    steps = [
        step
        for number in range(15)
        for step in (
            Step(say="go on", after=2 + 0.0173 * number),
            Step(hear=spoken(number % 2), after_speech_start=0.3 + 0.061 * number),
        )
    ]
    talk = recorded(on(start=[start(), tts(line)], text=[tts(line)]), steps, tmp_path, user_silence_s=540)
    assert talk.of("recording_ended")[0].data["seconds"] > 600
    cuts = talk.of("play_cut")
    assert len(cuts) == 15
    assert_true_to_the_timeline(talk)
    frames, first = file_of(talk), talk.of("recording_started")[0].data["from_sample"]
    for cut in cuts:  # loud to the cut, faded within 5 ms, silent after it
        at = cut.data["sample"] - first
        assert abs(frames[at - 1, 1]) >= 1000
        assert not frames[at + 120 : at + 240, 1].any()
    assert np.abs(frames[:, 0]).max() > 1900


def test_a_recording_in_the_middle_holds_what_was_said_between_start_and_stop(tmp_path):
    handler = on(
        start=[tts("one two three four five")], text=[start(), tts("six seven eight"), {"name": "x"}], dtmf=[STOP]
    )
    talk = recorded(handler, [Step(say="go"), Step(after=0.0101), Step(dtmf="1")], tmp_path)
    assert_true_to_the_timeline(talk)
    loud = np.flatnonzero(file_of(talk)[:, 1])
    assert 0 <= 3 * AGENT_RATE // 5 - len(loud) < 3  # it begins where a sample of both lines does


def test_two_recordings_of_a_call_are_two_files(tmp_path):
    handler = on(start=[start(), tts("one two")], text=[STOP, start(), tts("three")])
    talk = recorded(handler, [Step(say="go")], tmp_path)
    files = [record.data["file"] for record in talk.of("recording_file")]
    assert [Path(file).name for file in files] == ["test.rec-1.wav", "test.rec-2.wav"]
    for number in (0, 1):
        assert_true_to_the_timeline(talk, number)
    ended = talk.of("recording_ended")[0]
    assert ended.publish_time == pytest.approx(talk.of("recording_started")[1].publish_time, abs=125_000)


def test_recordings_are_told_in_order_however_long_each_file_takes(tmp_path, monkeypatch):
    finish = LineRecorder.finish

    def slowly_at_first(recorder, end_ns):
        done, late = finish(recorder, end_ns), Future()
        if "rec-2" in recorder.path.name:
            return done
        asyncio.get_running_loop().call_later(2, lambda: late.set_result(done.result()))
        return late

    monkeypatch.setattr(LineRecorder, "finish", slowly_at_first)
    talk = recorded(on(start=[start(), STOP, start(), STOP]), [Step(after=5)], tmp_path)
    assert [record.id for record in talk.of("recording_ended")] == ["rec-1", "rec-2"]


def test_an_older_recording_of_the_same_name_stays(tmp_path):
    for _ in range(2):
        recorded(on(start=[start(), tts("one")]), [], tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["test.rec-1-2.wav", "test.rec-1.wav"]


def test_records_and_bytes_are_the_same_in_every_run(tmp_path):
    runs = []
    for name in ("a", "b"):
        handler = on(start=[start(), tts("one two three four")], text=[STOP])
        talk = recorded(handler, [Step(hear=spoken(0), after_speech_start=0.2)], tmp_path / name)
        runs.append(([as_json(r) for r in talk.records if not r.host], file_of(talk).tobytes()))
    assert runs[0] == runs[1]


def test_on_the_web_there_is_an_error_that_says_how_to_try_it(tmp_path):
    talk = recorded(on(start=[start(), STOP]), [], tmp_path, channel="web")
    rows = talk.of("recording_on_web")
    assert [row.level for row in rows] == ["error", "error"]
    assert "choose Phone" in rows[0].message
    assert not talk.of("recording_started")
    assert not list(tmp_path.iterdir())


def test_a_second_start_and_a_stop_without_a_start_are_warnings(tmp_path):
    talk = recorded(on(start=[STOP, start(), start(), tts("one")]), [], tmp_path)
    assert [talk.of(code)[0].level for code in ("not_recording", "recording_already")] == ["warning", "warning"]
    assert len(talk.of("recording_started")) == len(talk.of("recording_file")) == 1


def test_a_folder_that_cannot_be_written_is_an_error_and_the_call_goes_on(tmp_path):
    (tmp_path / "file").write_text("")
    talk = recorded(on(start=[start(), tts("one")]), [], tmp_path / "file" / "folder")
    assert talk.of("recording_failed")[0].level == "error"
    assert talk.of("play_ended")
    assert not talk.of("recording_started")


def delete_recordings(folder: Path):
    def delete() -> None:
        for file in folder.glob("*.wav"):
            file.unlink()

    async def act(session: Session) -> None:
        await asyncio.sleep(0.5)
        delete()

    return act


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a file that is open")
def test_a_recording_whose_file_was_deleted_during_the_call_is_an_error_and_not_finished(tmp_path):
    talk = recorded(on(start=[start(), tts("one two three four")]), [], tmp_path, act=delete_recordings(tmp_path))
    (failed,) = talk.of("recording_failed")
    assert failed.level == "error"
    assert "is gone: it was deleted or moved" in failed.message
    assert talk.of("recording_ended")[0].data["lost"]
    assert describe(talk.of("recording_ended")[0]) == "The recording is lost: its file is gone."
    assert not talk.of("recording_file")


# ---- the callback


@pytest.fixture
def server():
    with LoopbackServer() as server:
        server.answers["/done"] = Answer(status=204)
        yield server


def test_the_callback_tells_what_was_recorded(server, tmp_path):
    server.open()
    talk = recorded(on(start=[start(server.url + "/done"), tts("one two")]), [], tmp_path)
    (body,) = server.posted
    assert body["RecordingStatus"] == "completed"
    assert (body["CallSid"], body["RecordingSid"], body["RecordingChannels"]) == ("test", "rec-1", 2)
    assert body["RecordingUrl"] == Path(talk.of("recording_file")[0].data["file"]).as_uri()
    assert body["RecordingDuration"] == pytest.approx(talk.of("recording_ended")[0].data["seconds"], abs=0.001)
    assert body["RecordingStartTime"] == "2000-01-01T00:00:00.000Z"
    assert [r.data["status"] for r in talk.of("callback_sent")] == [204]
    assert talk.records[-1].event == "session_ended"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps a file that is open")
def test_the_callback_of_a_recording_whose_file_is_gone_says_failed_and_names_no_file(server, tmp_path):
    server.open()
    handler = on(start=[start(server.url + "/done"), tts("one two three four")])
    recorded(handler, [], tmp_path, act=delete_recordings(tmp_path))
    (body,) = server.posted
    assert (body["RecordingStatus"], body["RecordingUrl"]) == ("failed", "")


def test_the_callback_survives_a_server_that_is_down_for_five_seconds(server, tmp_path):
    async def repair(session: Session) -> None:
        await session.until(lambda: session.state == "ending")
        await asyncio.sleep(5)
        server.open()

    talk = recorded(on(start=[start(server.url + "/done"), tts("one")]), [], tmp_path, act=repair)
    assert [r.data["attempt"] for r in talk.of("callback_failed")] == [1, 2, 3]
    (sent,) = talk.of("callback_sent")
    assert sent.data["attempt"] == 4
    ended = talk.of("recording_ended")[0].log_time
    assert sent.log_time - ended == 7 * NS
    assert len(server.posted) == 1


def test_a_callback_during_the_call_holds_nothing_up(server, tmp_path):
    handler = on(start=[start(server.url + "/done"), STOP, tts("one two")])
    talk = recorded(handler, [], tmp_path, user_silence_s=20)
    assert talk.of("play_started")[0].publish_time == 0
    assert len(talk.of("callback_failed")) == 5
    assert "tried 5 times" in talk.of("callback_unsent")[0].message


def test_the_end_waits_for_a_grace_and_tells_what_did_not_arrive(server, tmp_path):
    talk = recorded(on(start=[start(server.url + "/done"), tts("one")]), [], tmp_path)
    (row,) = talk.of("callback_unsent")
    assert "session ended before" in row.message
    assert row.log_time - talk.of("recording_ended")[0].log_time == 10 * NS


def test_stop_pressed_again_does_not_wait(server, tmp_path):
    async def hasty(session: Session) -> None:
        await asyncio.sleep(1)
        session.stop()
        await asyncio.sleep(1)
        session.stop()

    talk = recorded(on(start=[start(server.url + "/done"), tts("one")]), [Step(after=30)], tmp_path, act=hasty)
    assert talk.of("session_ended")[0].log_time < 3 * NS
    assert talk.of("callback_unsent")


def test_a_refusal_is_not_tried_again(server, tmp_path):
    server.open()
    talk = recorded(on(start=[start(server.url + "/absent"), tts("one")]), [], tmp_path)
    assert [r.data["status"] for r in talk.of("callback_failed")] == [404]
    assert "tried once" in talk.of("callback_unsent")[0].message


def test_a_host_elsewhere_is_held_until_somebody_allows_it(tmp_path):
    talk = recorded(on(start=[start("https://example.com/done"), tts("one")]), [], tmp_path)
    assert 'recording_callbacks = "send"' in talk.of("callback_asked")[0].message
    assert talk.of("callback_asked")[0].log_time == 0
    assert "have not allowed it" in talk.of("callback_held")[0].message
    assert not talk.of("callback_failed")


def test_held_callbacks_go_once_they_are_allowed_and_virtual_time_keeps_them_here(tmp_path):
    def allow(session: Session) -> Any:
        async def go() -> None:
            await asyncio.sleep(2)
            session.set("recording_callbacks", "send")

        return go()

    handler = on(start=[start("https://example.com/done"), STOP, tts("one")])
    talk = recorded(handler, [Step(after=5)], tmp_path, act=allow)
    first, second = talk.of("callback_held")
    assert "have not allowed it" in first.message
    assert "--allow-network" in second.message
    assert second.log_time == 2 * NS


def test_a_callback_address_that_is_none_is_an_error_row(tmp_path):
    talk = recorded(on(start=[start("ftp://example.com"), tts("one")]), [], tmp_path)
    assert talk.of("bad_callback_url")[0].level == "error"
    assert talk.of("recording_file")


def test_what_comes_after_the_end_while_the_rest_is_waited_for_is_not_in_the_file(tmp_path):
    def block(topic: str, rate: int, first: int, count: int) -> AudioBlock:
        at = first * NS // rate
        return AudioBlock(topic, at, at, first, rate, np.full(count, 500, "<i2").tobytes())

    writer = StereoWriter(tmp_path / "call.wav", 0)
    writer.end_at(AGENT_RATE)
    writer.take(block(AUDIO_AGENT, AGENT_RATE, 0, 2 * AGENT_RATE))
    writer.take(block(AUDIO_CALLER, CALLER_RATE, 0, 2 * CALLER_RATE))
    writer.finish(AGENT_RATE)
    assert writer.frames == AGENT_RATE
