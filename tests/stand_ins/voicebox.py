"""A voice for every service: espeak-ng, in the voice's language, with a sound of its own for each voice."""

import asyncio
import threading
import zlib
from typing import Self

import numpy as np

from studio.audio.resample import convert
from studio.providers.accounts import LOCAL
from studio.providers.manifests import Voice, load_providers
from studio.providers.nearest import nearest
from studio.providers.plugin_modules import load_adapter
from studio.providers.speech import SpeechRequest, Word
from tests.stand_ins.stand_in import Asked, Said, Voicebox

_VARIANTS = {
    "female": ("f1", "f2", "f3", "f4", "f5", "linda", "anika", "belinda", "aunty", "steph"),
    "male": ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "adam", "david", "john", "paul"),
}


class SpeakingVoices:
    """Makes voiceboxes. The engine runs on a loop in a thread of its own, for stand-ins ask and wait."""

    def __init__(self) -> None:
        self._providers = load_providers()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        local = self._providers["local"]
        assert local.speech
        self._engine = load_adapter(local, local.speech.adapter)(LOCAL)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        asyncio.run_coroutine_threadsafe(self._engine.close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def of(self, provider: str) -> Voicebox:
        """The voicebox of a provider's voices."""

        def speak(asked: Asked, rate: int) -> Said:
            voice = self._local(provider, asked)
            request = SpeechRequest(asked.text, voice, asked.speed)
            return asyncio.run_coroutine_threadsafe(self._speak(request, rate), self._loop).result()

        return speak

    def _local(self, provider: str, asked: Asked) -> str:
        """espeak-ng's voice: the language of the line or of the voice, its gender, and a variant by its name."""
        voices = self._providers[provider].voices
        own = Voice(asked.voice, provider, asked.voice, asked.language or "multi", "", "")
        voice = next((voice for voice in voices if voice.id == asked.voice), own)
        language = asked.language if voice.language == "multi" else ""
        spoken_by = nearest(self._providers["local"].voices, voice, language)
        assert spoken_by
        base = spoken_by.id.partition("+")[0]
        number = zlib.crc32(f"{provider}:{asked.voice}".encode())
        variants = _VARIANTS[voice.gender or ("female", "male")[number % 2]]
        return f"{base}+{variants[number // 2 % len(variants)]}"

    async def _speak(self, request: SpeechRequest, rate: int) -> Said:
        pcm: list[bytes] = []
        words: list[Word] = []
        own = rate
        async for chunk in self._engine.speak(request):
            own = chunk.rate
            pcm.append(chunk.pcm)
            words.extend(chunk.words)
        sound = convert(np.frombuffer(b"".join(pcm), "<i2"), own, rate)

        def at(sample: int) -> int:
            return min(sound.size, sample * rate // own)

        return Said(sound, [(word.text, at(word.start), at(word.end)) for word in words])
