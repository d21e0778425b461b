"""Every event of the reference, by example: exactly what happens on each channel, without keys and with services."""

import io
import sys
import wave
from collections.abc import Sequence

import numpy as np
import pytest

from studio.runtime.plan import Channel
from studio.sessions.records import AGENT_RATE, Record
from tests.conformance.examples.lines import hearers, lines
from tests.conformance.examples.page import FILE, page
from tests.conformance.examples.stage import CHANNELS, EXAMPLES, FOLDER, Example, Performance, perform
from tests.conformance.examples.told import end, rows, seconds
from tests.loopback_server import Answer, LoopbackServer
from tests.stand_ins.stand_in import tones

TOLERANCE_S = 0.1


@pytest.fixture(scope="session")
def perform_anew(tmp_path_factory):
    """`perform_anew(example, channel, served=...)` gives what happens."""
    with LoopbackServer() as server:
        server.answers = {"/hold.wav": Answer(_second_of_sound()), "/recordings": Answer()}
        server.open()
        urls = {"HOLD_MUSIC_URL": f"{server.url}/hold.wav", "RECORDING_CALLBACK_URL": f"{server.url}/recordings"}

        def perform_anew(example: Example, channel: Channel, *, served: bool) -> Performance:
            return perform(example, channel, urls, tmp_path_factory.mktemp("home"), served=served)

        yield perform_anew


@pytest.fixture(scope="session")
def performed(perform_anew):
    """The same; each runs once."""
    done: dict[tuple[str, Channel, bool], Performance] = {}

    def performed(example: Example, channel: Channel, *, served: bool) -> Performance:
        key = (example.name, channel, served)
        if key not in done:
            done[key] = perform_anew(example, channel, served=served)
        return done[key]

    return performed


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_does_what_the_table_says(example: Example, channel: Channel, performed):
    records, expected = performed(example, channel, served=False).records, example.expected[channel]
    assert rows(records) == example.records(channel, served=False)
    assert seconds(records) == pytest.approx(expected["seconds"], abs=TOLERANCE_S)
    assert end(records) == expected["ends"]


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_with_services_the_same_is_spoken_and_heard_by_them(example: Example, channel: Channel, performed):
    performance = performed(example, channel, served=True)
    records = performance.records
    assert rows(records) == example.records(channel, served=True)
    assert end(records) == example.expected[channel]["ends"]
    assert hearers(records) == example.served.hears
    spoken = lines(performance)
    assert list(dict.fromkeys(line.voice for line in spoken)) == example.served.voices
    for line in spoken:
        if line.voice.startswith("local:") or line.cached:
            continue
        (_, asked) = line.requests[-1]
        assert asked.speed == pytest.approx(line.speed)
        assert line.samples == tones(asked, AGENT_RATE).pcm.size
    assert {r.data["after_ms"] for r in records if r.event == "speech_first_audio"} <= {0.0}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere loopback may bring what was sent after the next look")
@pytest.mark.parametrize("name", ["15_protected_speech", "23_endpointing"])
def test_with_services_another_run_is_the_same_to_the_nanosecond(name: str, performed, perform_anew):
    (example,) = (example for example in EXAMPLES if example.name == name)
    one, other = (run(example, "web", served=True) for run in (performed, perform_anew))
    assert _all(one.records) == _all(other.records)


def test_every_handler_is_in_the_table():
    assert [example.name for example in EXAMPLES] == sorted(file.stem for file in (FOLDER / "handlers").glob("*.py"))


def test_the_page_says_what_the_examples_do(performed, request):
    made = page(performed)
    if request.config.getoption("--write-docs"):
        FILE.write_text(made, "utf-8")
    assert FILE.read_text("utf-8") == made, "Look at what has changed: pytest tests/conformance --write-docs; git diff."


def _all(records: Sequence[Record]) -> list[tuple[object, ...]]:
    return [(r.log_time, r.publish_time, r.topic, r.event, r.data, r.message) for r in records if not r.host]


def _second_of_sound() -> bytes:
    file = io.BytesIO()
    tone = 3000 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000)
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(24_000)
        wav.writeframes(tone.astype("<i2").tobytes())
    return file.getvalue()
