"""OpenAI's listening: the Realtime socket for transcription, and the endpoint for files."""

import asyncio
import base64
import io
import itertools
import json
import wave
from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from aiohttp import WSMsgType, web

from studio.audio.resample import Resampler
from tests.stand_ins.hearing import RATE, Ears, Heard, Hearing, flat
from tests.stand_ins.stand_in import KEY, Plan, Step, Utterance
from tests.stand_ins.web import Server

_SERVICE_RATE = 24_000
_SHORTEST = RATE // 10
"""Less than this cannot be transcribed for itself."""
_SEMANTIC_MS = {"low": 1200, "medium": 700, "high": 300, "auto": 700}
_GARBAGE = ("no json", "[]", '{"type": "response.unheard_of"}', '{"type": "input_audio_buffer.committed"}')
_NOISES = (None, "near_field", "far_field")
_ITEM = "conversation.item.input_audio_transcription"


class OpenAIEars(Ears):
    """A service that listens."""

    provider = "openai"

    def __init__(self) -> None:
        super().__init__()
        self.plan = Plan()
        self.settings: dict[str, str] = {}
        self._server = Server()
        self._server.get("/v1/realtime", self._realtime)
        self._server.get("/v1/models/{model}", self._model)
        self._server.post("/v1/audio/transcriptions", self._transcriptions)

    async def __aenter__(self) -> Self:
        await self._server.start()
        self.settings = {"url": f"{self._server.url}/v1"}
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._server.stop()

    async def _model(self, request: web.Request) -> web.StreamResponse:
        name = request.match_info["model"]
        model = {"id": name, "object": "model", "created": 1, "owned_by": "openai"}
        return _refused(request, Step()) or web.json_response(model)

    async def _transcriptions(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        step = self.plan.next()
        if refused := _refused(request, step):
            return refused
        file = form["file"]
        assert isinstance(file, web.FileField)
        with wave.open(io.BytesIO(file.file.read()), "rb") as sound:
            assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (RATE, 1, 2)
            pcm = sound.readframes(sound.getnframes())
        self.heard += pcm
        self.opened.append({name: value for name, value in form.items() if isinstance(value, str)})
        found: list[Heard] = []
        hearing = Hearing(self.utterances)
        hearing.over = found.append
        hearing.process(np.frombuffer(pcm, "<i2"))
        found += filter(None, [hearing.cut()])
        answer: dict[str, Any] = {"text": " ".join(heard.utterance.text for heard in found)}
        if form.get("response_format") == "verbose_json":
            words = [{"word": w.strip(".,!?"), "start": a, "end": b} for heard in found for w, a, b in heard.words]
            answer |= {"language": "english", "duration": len(pcm) / 2 / RATE, "words": words}
        return web.json_response(answer)

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        step = self.plan.next()
        if refused := _refused(request, step):
            return refused
        if step.fault == "slow":
            await asyncio.sleep(step.delay_s)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets += 1
        try:
            await _Session(self, socket, request, step).serve()
        finally:
            self.sockets -= 1
        return socket


class _Session:
    """One connection."""

    def __init__(self, service: OpenAIEars, socket: web.WebSocketResponse, request: web.Request, step: Step) -> None:
        self._service = service
        self._socket = socket
        self._request = request
        self._step = step
        self._number = itertools.count(1)
        self._out: list[dict[str, Any]] = []
        self._input: dict[str, Any] = {"turn_detection": {"type": "server_vad", "silence_duration_ms": 500}}
        self._resampler = Resampler(_SERVICE_RATE, RATE)
        self._hearing = Hearing([Utterance("")] * 99 if step.fault == "empty" else service.utterances)
        self._hearing.started = self._started
        self._hearing.over = self._over
        self._pieces: list[Heard] = []
        """Stretches of voice that are not transcribed yet."""
        self._committed = 0
        self._under_way = ""

    async def serve(self) -> None:
        """Until one of both closes."""
        if self._step.fault == "drop":
            self._cut_off()
            return
        self._say("session.created", session={"type": "transcription", "id": "s"})
        await self._flush()
        async for message in self._socket:
            if message.type is not WSMsgType.TEXT:
                return
            told = json.loads(message.data)
            match told["type"]:
                case "session.update":
                    await self._update(told)
                case "input_audio_buffer.append":
                    sound = self._resampler.process(np.frombuffer(base64.b64decode(told["audio"]), "<i2"))
                    self._service.heard += sound.tobytes()
                    self._hearing.process(sound)
                case "input_audio_buffer.commit":
                    self._commit(told)
                case _:
                    self._error(told, "unknown_event", "This is no event of mine.")
            if self._step.fault == "drop_mid" and self._hearing.voice_s >= 1.0:
                self._cut_off()
                return
            await self._flush()

    async def _update(self, told: dict[str, Any]) -> None:
        wanted = told["session"]["audio"]["input"]
        model = wanted["transcription"]["model"]
        noise = (wanted.get("noise_reduction") or {}).get("type")
        if told["session"]["type"] != "transcription" or wanted["format"] != {
            "type": "audio/pcm",
            "rate": _SERVICE_RATE,
        }:
            self._error(told, "invalid_value", "Only 24 kHz.", "session.audio.input.format")
        elif model == "gpt-realtime-whisper" and (
            wanted.get("turn_detection") or wanted["transcription"].get("prompt")
        ):
            self._error(told, "invalid_value", "Turn detection and prompt are not supported.", "session.audio.input")
        elif noise not in _NOISES:
            self._error(told, "invalid_value", "Unknown noise reduction.", "session.audio.input.noise_reduction.type")
        elif not wanted["transcription"].get("language", "en").isalpha():
            self._error(told, "invalid_value", "No such language.", "session.audio.input.transcription.language")
        else:
            self._input = wanted
            self._hearing.end_ms = self._silence_ms()
            self._service.opened.append(flat(list(self._request.query.items())) | _flattened(wanted))
            self._say("session.updated", session=told["session"])
        if self._step.fault == "garbage":
            await self._flush()
            for text in _GARBAGE:
                await self._socket.send_str(text)

    def _silence_ms(self) -> float:
        match self._input.get("turn_detection"):
            case {"type": "server_vad", "silence_duration_ms": silence}:
                return silence
            case {"type": "semantic_vad", "eagerness": eagerness}:
                return _SEMANTIC_MS[eagerness]
            case _:
                return 300

    def _started(self, heard: Heard) -> None:
        if self._input.get("turn_detection"):
            self._under_way = self._id()
            start = max(0, heard.start * 1000 // RATE - 300)
            self._say("input_audio_buffer.speech_started", audio_start_ms=start, item_id=self._under_way)

    def _over(self, heard: Heard) -> None:
        self._pieces.append(heard)
        if self._input.get("turn_detection"):
            end = self._hearing.at * 1000 // RATE
            self._say("input_audio_buffer.speech_stopped", audio_end_ms=end, item_id=self._under_way)
            self._transcribe(self._under_way)

    def _commit(self, told: dict[str, Any]) -> None:
        if heard := self._hearing.cut():
            self._pieces.append(heard)
        if self._hearing.at - self._committed < _SHORTEST:
            self._error(told, "input_audio_buffer_commit_empty", "Error committing input audio buffer: too small.")
        else:
            self._transcribe(self._id())

    def _transcribe(self, item: str) -> None:
        pieces, self._pieces = self._pieces, []
        self._committed = self._hearing.at
        self._say("input_audio_buffer.committed", item_id=item, previous_item_id=None)
        self._say("conversation.item.added", item={"id": item, "type": "message"}, previous_item_id=None)
        text = " ".join(piece.utterance.text for piece in pieces)
        words = text.split(" ") if text else []
        for number, word in enumerate(words):
            self._say(f"{_ITEM}.delta", item_id=item, content_index=0, delta=word if number == 0 else f" {word}")
        self._say(
            f"{_ITEM}.completed",
            item_id=item,
            content_index=0,
            transcript=text,
            usage={"type": "duration", "seconds": 1},
        )

    def _id(self) -> str:
        return f"item_{next(self._number)}"

    def _error(self, told: dict[str, Any], code: str, text: str, param: str = "") -> None:
        error = {"type": "invalid_request_error", "code": code, "message": text, "param": param or None}
        self._say("error", error=error | {"event_id": told.get("event_id")})

    def _say(self, kind: str, **fields: Any) -> None:
        self._out.append({"type": kind, "event_id": f"event_{next(self._number)}", **fields})

    def _cut_off(self) -> None:
        if self._request.transport:
            self._request.transport.abort()

    async def _flush(self) -> None:
        out, self._out = self._out, []
        fault = self._step.fault
        stalled = fault == "stall" or (fault == "stall_mid" and self._hearing.voice_s >= 1.0)
        for message in out:
            if not stalled or message["type"].startswith("session"):
                await self._socket.send_json(message)


def _refused(request: web.Request, step: Step) -> web.Response | None:
    if request.headers.get("Authorization") != f"Bearer {KEY}":
        return _error(401, "invalid_api_key", "Incorrect API key provided.")
    if step.fault == "status":
        response = _error(step.status, "", step.message)
        if step.retry_after:
            response.headers["retry-after"] = step.retry_after
        return response
    return None


def _error(status: int, code: str, message: str) -> web.Response:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code or None}
    return web.json_response({"error": error}, status=status)


def _flattened(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    rows: dict[str, str] = {}
    for name, value in table.items():
        if isinstance(value, Mapping):
            rows |= _flattened(value, f"{prefix}{name}.")
        elif value is not None:
            rows[prefix + name] = str(value)
    return rows
