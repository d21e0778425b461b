"""Every event of the reference, by example: exactly what happens on each channel of a machine without keys."""

import io
import wave
from collections.abc import Sequence

import numpy as np
import pytest

from studio.runtime.plan import Channel
from studio.sessions.records import Record
from tests.conformance.examples.page import FILE, page
from tests.conformance.examples.stage import CHANNELS, EXAMPLES, FOLDER, Example, perform
from tests.conformance.examples.told import end, rows, seconds
from tests.loopback_server import Answer, LoopbackServer

TOLERANCE_S = 0.1


@pytest.fixture(scope="session")
def performed(tmp_path_factory, no_keys):
    """`performed(example, channel)` gives what happened; each runs once."""
    done: dict[tuple[str, Channel], Sequence[Record]] = {}
    with LoopbackServer() as server:
        server.answers = {"/hold.wav": Answer(_second_of_sound()), "/recordings": Answer()}
        server.open()
        urls = {"HOLD_MUSIC_URL": f"{server.url}/hold.wav", "RECORDING_CALLBACK_URL": f"{server.url}/recordings"}

        def perform_once(example: Example, channel: Channel) -> Sequence[Record]:
            key = (example.name, channel)
            if key not in done:
                done[key] = perform(example, channel, urls, tmp_path_factory.mktemp("home"))
            return done[key]

        yield perform_once


@pytest.fixture(scope="session")
def no_keys(tmp_path_factory):
    """A machine of a new user: no key in the environment, nothing in the studio's folders."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STUDIO_HOME", str(tmp_path_factory.mktemp("studio")))
        for service in ("OPENAI", "DEEPGRAM", "CARTESIA", "GOOGLE", "AZURE", "AZURE_SPEECH", "VOICERUN", "PRIMVOICES"):
            patch.delenv(f"{service}_API_KEY", raising=False)
        yield


@pytest.mark.parametrize("channel", CHANNELS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_an_example_does_what_the_table_says(example: Example, channel: Channel, performed):
    records, expected = performed(example, channel), example.expected[channel]
    assert rows(records) == expected["records"]
    assert seconds(records) == pytest.approx(expected["seconds"], abs=TOLERANCE_S)
    assert end(records) == expected["ends"]


def test_every_handler_is_in_the_table():
    assert [example.name for example in EXAMPLES] == sorted(file.stem for file in (FOLDER / "handlers").glob("*.py"))


def test_the_page_says_what_the_examples_do(performed, request):
    made = page(performed)
    if request.config.getoption("--write-docs"):
        FILE.write_text(made, "utf-8")
    assert FILE.read_text("utf-8") == made, "Look at what has changed: pytest tests/conformance --write-docs; git diff."


def _second_of_sound() -> bytes:
    file = io.BytesIO()
    tone = 3000 * np.sin(2 * np.pi * 440 * np.arange(24_000) / 24_000)
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(24_000)
        wav.writeframes(tone.astype("<i2").tobytes())
    return file.getvalue()
