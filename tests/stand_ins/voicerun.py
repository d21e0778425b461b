"""A stand-in for VoiceRun's speech API: lists of voices, generations, and the store that their sound is fetched from."""

import asyncio
import io
from collections.abc import Mapping
from typing import Any, Self

import soundfile
from aiohttp import web

from tests.stand_ins.stand_in import KEY, Asked, Plan, Step, Voicebox, tones
from tests.stand_ins.web import Server

_RATE = 24_000
PUBLIC = ("breath", "flint", "juniper", "atlas", "solstice", "lyric")


class VoiceRunSpeech:
    """Every line is a generation, and a file that waits to be fetched. Faults hit the generation, `_mid` ones the file."""

    provider = "voicerun"

    def __init__(self, *steps: Step, format: str = "WAV", subtype: str = "PCM_16") -> None:
        self.settings: dict[str, str] = {}
        self.plan = Plan(list(steps))
        self.asked: list[Asked] = []
        self.cancelled = 0
        self.voicebox: Voicebox = tones
        self.voices: dict[str, list[tuple[str, str]]] = {
            "publicVoices": [(f"id-{name}", name.title()) for name in PUBLIC],
            "voices": [("id-own", "My own")],
        }
        """Ids and names of the public voices and of the account's own."""
        self.lists = 0
        """How many pages of lists were asked for."""
        self.store = ""
        """Where sound is fetched from; "" for here."""
        self.fetched: list[Mapping[str, str]] = []
        """The headers of every fetch."""
        self._format, self._subtype = format, subtype
        self.files: dict[str, tuple[bytes, Step]] = {}
        """What waits to be fetched, by name."""
        self._server = Server(cancels=True)
        self._server.get("/v1/{list:publicVoices|voices}", self._list)
        self._server.post("/v1/generations", self._generate)
        self._server.get("/files/{name}", self._file)

    async def __aenter__(self) -> Self:
        await self._server.start()
        self.settings["url"] = self._server.url
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._server.stop()

    async def _list(self, request: web.Request) -> web.Response:
        if refused := _refused(request):
            return refused
        self.lists += 1
        rows = self.voices[request.match_info["list"]]
        first = int(request.query["offset"])
        page = rows[first : first + min(4, int(request.query["limit"]))]  # shorter than asked for, as it may be
        return web.json_response({"data": [{"id": id, "name": name} for id, name in page]})

    async def _generate(self, request: web.Request) -> web.StreamResponse:
        if refused := _refused(request):
            return refused
        asked: dict[str, Any] = await request.json()
        key = request.headers["Authorization"].removeprefix("Bearer ")
        line = Asked(asked["text"], asked["voiceId"], instructions=asked.get("notes", ""), key=key)
        self.asked.append(line)
        step = self.plan.next()
        try:
            match step.fault:
                case "status":
                    headers = {"retry-after": step.retry_after} if step.retry_after else {}
                    body = {"error": step.message, "status": step.status}
                    return web.json_response(body, status=step.status, headers=headers)
                case "drop":
                    return _abort(request)
                case "stall":
                    await asyncio.Event().wait()
                case "slow":
                    await asyncio.sleep(step.delay_s)
                case _:
                    pass
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        name = str(len(self.files))
        self.files[name] = self._sound(line, step), step
        address = f"{self.store or self.settings['url']}/files/{name}"
        return web.json_response({"data": {"id": name, "voiceId": line.voice, "text": line.text, "audioUrl": address}})

    def _sound(self, line: Asked, step: Step) -> bytes:
        if step.fault == "garbage":
            return b"<html>no such sound</html>"
        rate = _RATE // 2 if step.fault == "wrong_rate" else _RATE
        said = self.voicebox(line, rate)
        file = io.BytesIO()
        samples = said.pcm[:0] if step.fault == "empty" else said.pcm
        soundfile.write(file, samples, rate, format=self._format, subtype=self._subtype)
        return file.getvalue() + (b"\0" if step.fault == "odd" else b"")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        self.fetched.append(dict(request.headers))
        sound, step = self.files[request.match_info["name"]]
        if step.fault not in ("drop_mid", "stall_mid"):
            return web.Response(body=sound, content_type="application/octet-stream")
        response = web.StreamResponse()
        response.content_length = len(sound)
        await response.prepare(request)
        await response.write(sound[: len(sound) // 2])
        try:
            if step.fault == "stall_mid":
                await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        await asyncio.sleep(0.01)
        return _abort(request)


def _refused(request: web.Request) -> web.Response | None:
    if request.headers.get("Authorization") == f"Bearer {KEY}":
        return None
    return web.json_response({"error": "Unauthorized", "status": 401}, status=401)


def _abort(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()
