"""The local recogniser with a model of the user's own. The models are empty names here: what is run of sherpa-onnx stands in."""

import asyncio
import inspect
import os
from pathlib import Path

import numpy as np
import pytest

from studio.providers import worker
from studio.providers.accounts import Account
from studio.providers.ear_desk import EarDesk
from studio.providers.errors import ProviderError
from studio.providers.manifests import load_providers
from studio.providers.plugin_modules import load_adapter
from studio.providers.recognition import Listener, RecogniserSettings
from tests.stand_ins import sherpa_onnx as stand_in

RATE = 16_000
WHISPER = ["tiny-encoder.onnx", "tiny-encoder.int8.onnx", "tiny-decoder.onnx", "tiny-tokens.txt"]
FOLDERS = {
    "sherpa-onnx-whisper-tiny": (WHISPER, "from_whisper"),
    "sherpa-onnx-whisper-tiny.en": (
        ["tiny.en-encoder.onnx", "tiny.en-decoder.onnx", "tiny.en-tokens.txt"],
        "from_whisper",
    ),
    "sherpa-onnx-sense-voice-zh-en-ja-ko-yue": (["model.int8.onnx", "tokens.txt"], "from_sense_voice"),
    "sherpa-onnx-paraformer-zh": (["model.onnx", "tokens.txt"], "from_paraformer"),
    "sherpa-onnx-zipformer-en": (
        ["encoder-epoch-99-avg-1.onnx", "decoder-epoch-99-avg-1.onnx", "joiner-epoch-99-avg-1.onnx", "tokens.txt"],
        "from_transducer",
    ),
    "sherpa-onnx-nemo-parakeet-tdt-0.6b": (
        ["encoder.int8.onnx", "decoder.int8.onnx", "joiner.int8.onnx", "tokens.txt"],
        "from_transducer",
    ),
    "sherpa-onnx-streaming-zipformer-en": (
        [
            "encoder-epoch-99-avg-1-chunk-16-left-128.onnx",
            "decoder-epoch-99.onnx",
            "joiner-epoch-99.onnx",
            "tokens.txt",
        ],
        "from_transducer",
    ),
}


@pytest.fixture
def models():
    provider = load_providers()["local"]
    return lambda name: load_adapter(provider, f"sherpa_models:{name}")


def folder_of(tmp_path: Path, name: str, files: list[str] | None = None, content: bytes = b"x") -> Path:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    for file in FOLDERS[name][0] if files is None else files:
        (folder / file).write_bytes(content)
    return folder


@pytest.fixture
def worker_path(monkeypatch):
    """Lets the worker find the package that stands in."""
    usual = worker._environment

    def environment():
        found = usual()
        return found | {"PYTHONPATH": f"{Path(stand_in.__file__).parent}{os.pathsep}{found['PYTHONPATH']}"}

    monkeypatch.setattr(worker, "_environment", environment)


async def opened(folder: Path | str, language: str = "en", listener: Listener | None = None):
    provider = load_providers()["local"]
    account = Account("local", "Local", settings={"whisper_model": str(folder)})
    engine = load_adapter(provider, provider.recognition.adapter)(account)
    return await engine.open(RecogniserSettings(language=language, model="sherpa-onnx"), listener or Listener())


async def refusal(folder: Path | str, language: str = "en") -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        await opened(folder, language)
    return caught.value


def feed(ear, seconds: float, first: int = RATE) -> int:
    block = np.zeros(RATE // 10, "<i2")
    for number in range(round(seconds * 10)):
        ear.feed(block.tobytes(), first + number * block.size)
    return first + round(seconds * 10) * block.size


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_is_known_by_the_names_of_its_files(tmp_path, models, name):
    model = models("find_model")(str(folder_of(tmp_path, name)))
    assert model.call.endswith(FOLDERS[name][1])
    assert model.streaming == ("streaming" in name)
    assert all(Path(file).is_file() for file in model.arguments.values())


def test_a_quantised_file_goes_before_the_large_one(tmp_path, models):
    model = models("find_model")(str(folder_of(tmp_path, "sherpa-onnx-whisper-tiny")))
    assert model.arguments["encoder"].endswith("tiny-encoder.int8.onnx")


@pytest.mark.parametrize("name", FOLDERS)
def test_the_real_package_takes_what_a_model_is_opened_with(tmp_path, models, name):
    real = pytest.importorskip("sherpa_onnx")
    model = models("find_model")(str(folder_of(tmp_path, name)))
    kind, _, method = model.call.partition(".")
    inspect.signature(getattr(getattr(real, kind), method)).bind(**model.heard_as("en"), num_threads=2)


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("sherpa-onnx-whisper-tiny", "de-DE", "whisper/de 1.0"),
        ("sherpa-onnx-whisper-tiny", "multi", "whisper/ 1.0"),
        ("sherpa-onnx-whisper-tiny.en", "multi", "whisper/en 1.0"),
        ("sherpa-onnx-sense-voice-zh-en-ja-ko-yue", "ja", "sense-voice/ja 1.0"),
        ("sherpa-onnx-nemo-parakeet-tdt-0.6b", "en", "nemo_transducer/- 1.0"),
    ],
)
async def test_an_utterance_is_understood_when_it_is_over(tmp_path, worker_path, name, language, expected):
    ear = await opened(folder_of(tmp_path, name), language)
    final = await ear.finish(feed(ear, 1.0))
    assert (final.text, final.start, final.end, final.final) == (expected, RATE, 2 * RATE, True)
    assert (await ear.finish(3 * RATE)).text == ""
    await ear.close()


async def test_a_streaming_model_guesses_while_the_caller_speaks_and_begins_anew_after_each_utterance(
    tmp_path, worker_path
):
    guesses = asyncio.Queue()
    folder = folder_of(tmp_path, "sherpa-onnx-streaming-zipformer-en")
    ear = await opened(folder, listener=Listener(partial=guesses.put_nowait))
    end = feed(ear, 2.0)
    async with asyncio.timeout(30):
        assert (await guesses.get()).text == "streaming 1"
    assert (await ear.finish(end)).text == "streaming 2."
    end = feed(ear, 1.0, end)
    assert (await ear.finish(end)).text == "streaming 1."
    await ear.close()


async def test_a_long_utterance_is_understood_in_pieces_that_are_cut_where_it_is_quietest(tmp_path, worker_path):
    ear = await opened(folder_of(tmp_path, "sherpa-onnx-whisper-tiny"))
    loud = np.full(RATE * 40, 9000, "<i2")
    loud[25 * RATE : 26 * RATE] = 0
    for at in range(0, loud.size, RATE):
        ear.feed(loud[at : at + RATE].tobytes(), at)
    assert (await ear.finish(loud.size)).text == "whisper/en 25.0 whisper/en 15.0"
    await ear.close()


async def test_another_language_takes_another_ear(tmp_path, worker_path):
    ear = await opened(folder_of(tmp_path, "sherpa-onnx-whisper-tiny"))
    assert await ear.update(RecogniserSettings(model="sherpa-onnx", prompt="anything"))
    assert not await ear.update(RecogniserSettings(model="sherpa-onnx", language="fr"))
    await ear.close()


@pytest.mark.parametrize(
    ("name", "language", "sentence"),
    [
        ("sherpa-onnx-whisper-tiny.en", "fr", "knows 'en' only"),
        ("sherpa-onnx-sense-voice-zh-en-ja-ko-yue", "fr", "knows zh, en, ja, ko, yue"),
    ],
)
async def test_a_language_that_the_model_does_not_know_is_refused(tmp_path, name, language, sentence):
    error = await refusal(folder_of(tmp_path, name), language)
    assert (error.failure, sentence in str(error)) == ("refused", True)


async def test_without_a_folder_the_sentence_says_where_to_name_it():
    error = await refusal("")
    assert (error.failure, "[providers.local]" in str(error)) == ("unreachable", True)


@pytest.mark.parametrize("files", [[], ["model.onnx"], ["encoder.onnx", "decoder.onnx", "tokens.txt"], ["model.bin"]])
async def test_a_folder_without_a_model_says_what_would_be_one(tmp_path, files):
    error = await refusal(folder_of(tmp_path, "something", files))
    assert (error.failure, "Whisper" in str(error), "something" in str(error)) == ("unreachable", True, True)


async def test_a_folder_that_is_not_there_is_named(tmp_path):
    assert "nowhere" in str(await refusal(tmp_path / "nowhere"))


async def test_a_model_that_cannot_be_loaded_says_so(tmp_path, worker_path):
    error = await refusal(folder_of(tmp_path, "sherpa-onnx-whisper-tiny", content=b""))
    assert (error.failure, "tiny-encoder.int8.onnx is empty" in str(error)) == ("unreachable", True)
    error = await refusal(folder_of(tmp_path / "fatal", "sherpa-onnx-whisper-tiny", content=b""))
    assert (error.failure, "cannot be loaded" in str(error)) == ("unreachable", True)


async def test_without_the_package_the_sentence_says_how_to_install_it(tmp_path, monkeypatch):
    nothing = tmp_path / "path"
    nothing.mkdir()
    (nothing / "sherpa_onnx.py").write_text("raise ImportError('sherpa_onnx')")
    usual = worker._environment
    environment = {"PYTHONPATH": f"{nothing}{os.pathsep}{usual()['PYTHONPATH']}"}
    monkeypatch.setattr(worker, "_environment", lambda: usual() | environment)
    error = await refusal(folder_of(tmp_path, "sherpa-onnx-whisper-tiny"))
    assert "pip install 'voice-agent-studio[whisper]'" in str(error)


async def test_where_there_is_no_model_pocketsphinx_stands_in_and_the_notice_says_why():
    notices = []
    desk = EarDesk()
    stream, hearer = await desk.open(
        "sherpa-onnx",
        lambda hearer: RecogniserSettings(model=hearer.model),
        Listener(),
        lambda *notice: notices.append(notice),
    )
    await stream.close()
    await desk.close()
    assert hearer.model == "pocketsphinx"
    assert [code for code, _, _ in notices] == ["recogniser_stand_in"]
    assert "whisper_model" in notices[0][1]
