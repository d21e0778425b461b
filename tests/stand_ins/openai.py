"""OpenAI's speech endpoint and the part of its Realtime socket that speaks."""

import asyncio
import base64
import contextlib
import json
from typing import Any, Self, override

import numpy as np
from aiohttp import web

from tests.stand_ins.stand_in import KEY, Asked, Plan, Said, SpeechStandIn, Step, Voicebox, tones
from tests.stand_ins.web import Server

RATE = 24_000
LONGEST = 4096
"""Characters that the speech endpoint takes."""
MODELS = ("gpt-4o-mini-tts", "tts-1", "tts-1-hd", "gpt-realtime-2.1-mini")
_HTML = "<html><body>Welcome to the hotel's network.</body></html>"
_CHUNK = 4800


class OpenAISpeech(SpeechStandIn):
    """Speaks over `POST audio/speech` and over the Realtime socket; lists its models."""

    provider = "openai"

    def __init__(self, voicebox: Voicebox = tones) -> None:
        self.settings = {}
        self.plan = Plan()
        self.asked = []
        self.cancelled = 0
        self.voicebox = voicebox
        self.ends: dict[str, Any] = {"status": "completed"}
        """How responses of the Realtime socket end."""
        self._open = False
        self._server = Server(cancels=True)
        self._server.post("/v1/audio/speech", self._speech)
        self._server.get("/v1/models", self._models)
        self._server.get("/v1/realtime", self._realtime)

    @override
    async def __aenter__(self) -> Self:
        await self._server.start()
        self._open = True
        self.settings["url"] = f"{self._server.url}/v1"
        return self

    @override
    async def __aexit__(self, *exc: object) -> None:
        self._open = False
        await self._server.stop()

    async def _models(self, request: web.Request) -> web.StreamResponse:
        step = self.plan.next()
        if refusal := await self._refusal(request, step):
            return refusal
        if step.fault == "garbage":
            return web.Response(text=_HTML, content_type="text/html")
        rows = [{"id": name, "object": "model", "created": 0, "owned_by": "openai"} for name in MODELS]
        return web.json_response({"object": "list", "data": rows})

    async def _speech(self, request: web.Request) -> web.StreamResponse:
        body = await request.json()
        asked = Asked(
            body["input"],
            _voice(body["voice"]),
            body.get("speed", 1.0),
            instructions=body.get("instructions", ""),
            model=body["model"],
            key=_key(request),
        )
        self.asked.append(asked)
        step = self.plan.next()
        if refusal := await self._refusal(request, step) or _invalid(body):
            return refusal
        if step.fault == "garbage":
            return web.Response(text=_HTML, content_type="text/html")
        said = self._said(asked, step)
        response = web.StreamResponse(headers={"content-type": f"audio/pcm;rate={said[1]}"})
        try:
            await response.prepare(request)
            for chunk in _chunks(said[0].pcm, step):
                await response.write(chunk)
            if step.fault == "drop_mid":
                request.transport.close()
            elif step.fault == "stall_mid":
                await asyncio.Event().wait()
            else:
                await response.write_eof()
        except (asyncio.CancelledError, ConnectionResetError):
            self.cancelled += self._open
            raise
        return response

    def _said(self, asked: Asked, step: Step) -> tuple[Said, int]:
        """What is said, and its rate."""
        rate = RATE // 2 if step.fault == "wrong_rate" else RATE
        said = Said(np.zeros(0, np.int16), []) if step.fault == "empty" else self.voicebox(asked, rate)
        return said, rate

    async def _refusal(self, request: web.Request, step: Step) -> web.StreamResponse | None:
        """The answer before any sound, for steps that have one."""
        if step.fault == "status":
            return _error(step.status, step.message, retry_after=step.retry_after)
        if _key(request) != KEY:
            return _error(401, f"Incorrect API key provided: {_key(request)}.", code="invalid_api_key")
        if step.fault == "drop":
            request.transport.close()
            return web.Response()
        if step.fault == "slow":
            await asyncio.sleep(step.delay_s)
        if step.fault == "stall":
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled += self._open
        return None

    async def _realtime(self, request: web.Request) -> web.StreamResponse:
        step = self.plan.next()
        if step.fault != "stall" and (refusal := await self._refusal(request, step)):
            return refusal
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        model = request.query["model"]
        await socket.send_json({"type": "session.created", "session": {"type": "realtime", "model": model}})
        session: dict[str, Any] = {}
        speaking: asyncio.Task[bool] | None = None
        whole = False
        async for message in socket:
            event = json.loads(message.data)
            match event["type"]:
                case "session.update":
                    session = event["session"]
                    await socket.send_json(_session_error(session) or {"type": "session.updated", "session": session})
                case "response.create":
                    asked = _asked(session, event["response"], model, _key(request))
                    self.asked.append(asked)
                    speaking = asyncio.create_task(self._respond(request, socket, asked, step))
                case "response.cancel" if speaking:
                    speaking.cancel()
        if speaking:
            speaking.cancel()
            with contextlib.suppress(asyncio.CancelledError, ConnectionError):
                whole = await speaking
            self.cancelled += self._open and not whole
        return socket

    async def _respond(self, request: web.Request, socket: web.WebSocketResponse, asked: Asked, step: Step) -> bool:
        """Speak; whether all was said."""
        if step.fault == "garbage":
            await socket.send_str(_HTML)
            return True
        if step.fault == "stall":
            await asyncio.Event().wait()
        await socket.send_json({"type": "response.created", "response": {"id": "resp_1", "status": "in_progress"}})
        for chunk in _chunks(self._said(asked, step)[0].pcm, step):
            delta = base64.b64encode(chunk).decode()
            await socket.send_json({"type": "response.output_audio.delta", "response_id": "resp_1", "delta": delta})
        if step.fault == "drop_mid":
            request.transport.close()
            return True
        if step.fault == "stall_mid":
            await asyncio.Event().wait()
        await socket.send_json({"type": "response.output_audio.done", "response_id": "resp_1"})
        await socket.send_json({"type": "response.done", "response": {"id": "resp_1", **self.ends}})
        return True


def _chunks(pcm: np.ndarray, step: Step) -> list[bytes]:
    """The sound as it goes over the line; its first half for faults in the middle."""
    sound = pcm.astype("<i2").tobytes()
    if step.fault in ("drop_mid", "stall_mid"):
        sound = sound[: len(sound) // 4 * 2]
    size = 1001 if step.fault == "odd" else _CHUNK
    return [sound[at : at + size] for at in range(0, len(sound), size)]


def _asked(session: dict[str, Any], response: dict[str, Any], model: str, key: str) -> Asked:
    output = session["audio"]["output"]
    (item,) = response["input"]
    (part,) = item["content"]
    return Asked(
        part["text"],
        _voice(output["voice"]),
        output.get("speed", 1.0),
        instructions=response["instructions"],
        model=model,
        key=key,
    )


def _voice(voice: str | dict[str, str]) -> str:
    """The voice's name, or the id of one of the account's own, which the protocol wraps in an object."""
    return voice if isinstance(voice, str) else voice["id"]


def _is_voice(voice: str | dict[str, str]) -> bool:
    return not isinstance(voice, str) or not (voice == "nobody" or voice.startswith("voice_"))


def _key(request: web.Request) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def _invalid(body: dict[str, Any]) -> web.Response | None:
    if body["model"] not in MODELS:
        return _error(404, f"The model {body['model']} does not exist.", "model", "model_not_found")
    if len(body["input"]) > LONGEST:
        return _error(400, f"String should have at most {LONGEST} characters", "input")
    if not 0.25 <= body.get("speed", 1.0) <= 4.0:
        return _error(400, "speed must be between 0.25 and 4.0", "speed")
    if body["response_format"] != "pcm":
        return _error(400, "the stand-in speaks pcm only", "response_format")
    if not _is_voice(body["voice"]):
        return _error(400, "Input should be 'alloy', 'ash', 'coral' or another voice", "voice")
    return None


def _session_error(session: dict[str, Any]) -> dict[str, Any] | None:
    output = session["audio"]["output"]
    for wrong, message, param in (
        (not _is_voice(output["voice"]), "Invalid value: 'nobody'.", "session.audio.output.voice"),
        (
            not 0.25 <= output.get("speed", 1.0) <= 1.5,
            "Speed must be between 0.25 and 1.5.",
            "session.audio.output.speed",
        ),
        (output["format"] != {"type": "audio/pcm", "rate": RATE}, "Invalid format.", "session.audio.output.format"),
    ):
        if wrong:
            error = {"type": "invalid_request_error", "code": "invalid_value", "message": message, "param": param}
            return {"type": "error", "event_id": "event_1", "error": error}
    return None


def _error(status: int, message: str, param: str | None = None, code: str = "", retry_after: str = "") -> web.Response:
    kind = "invalid_request_error" if status < 500 else "server_error"
    body = {"error": {"message": message, "type": kind, "param": param, "code": code or None}}
    headers = {"retry-after": retry_after} if retry_after else {}
    return web.json_response(body, status=status, headers=headers)
