"""`studio say` asks the services of the user's own account."""

import asyncio
import socket
from pathlib import Path

import pytest
import soundfile

from studio.cli.say import say
from tests.stand_ins.google import GoogleSpeech
from tests.stand_ins.stand_in import KEY


async def test_a_line_is_spoken_by_the_address_that_the_user_has_set(tmp_path, monkeypatch):
    async with GoogleSpeech() as service:
        config = tmp_path / "home" / "config"
        config.mkdir(parents=True)
        (config / "settings.toml").write_text(f'[providers.google]\nurl = "{service.settings["url"]}"\n')
        monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", KEY)
        out = tmp_path / "line.wav"
        code = await asyncio.to_thread(say, "Good morning.", voice="zephyr", speed=1.0, language="", out=out)
    assert (code, [asked.text for asked in service.asked]) == (0, ["Good morning."])
    assert soundfile.info(out).frames > 0


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"voice": "novva"}, "There is no voice 'novva'. `studio voices` lists them."),
        ({"speed": 0.0}, "A speed is a finite number above 0, not 0.0."),
        ({"speed": float("nan")}, "A speed is a finite number above 0, not nan."),
        ({"out": "nowhere/line.wav"}, "nowhere/line.wav cannot be written: there is no folder nowhere."),
        ({"out": "."}, ". is a folder: give the name of a WAV file."),
        ({"out": "line.qqq"}, "line.qqq names no format of sound files: let it end in .wav."),
        ({"out": "line"}, "line names no format of sound files: let it end in .wav."),
        ({}, "OpenAI cannot be reached. Look at the network, and at the address under Providers."),
    ],
)
def test_what_is_wrong_without_a_service_is_told_before_it_is_asked(tmp_path, monkeypatch, capsys, wrong, sentence):
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        config = tmp_path / "home" / "config"
        config.mkdir(parents=True)
        address = f"http://127.0.0.1:{nobody.getsockname()[1]}/v1"
        (config / "settings.toml").write_text(f'[providers.openai]\nurl = "{address}"\n')
        monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
        monkeypatch.setenv("OPENAI_API_KEY", KEY)
        monkeypatch.chdir(tmp_path)
        given = {"voice": "coral", "speed": 1.0, "out": "line.wav", **wrong}
        code = say("Hello.", voice=given["voice"], speed=given["speed"], language="", out=Path(given["out"]))
    assert (code, capsys.readouterr().err) == (2, f"studio say: {sentence}\n")
