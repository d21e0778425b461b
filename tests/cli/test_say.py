"""`studio say` asks the services of the user's own account."""

import asyncio

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
