"""Stand-ins for Cartesia: the socket that speaks, the two that listen, the list of voices."""

import asyncio
import base64
import json
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web

from tests.stand_ins.stand_in import KEY, Asked, Plan, Step, Voicebox, tones

_CHUNK_S = 0.1
_OF_A_LINE = frozenset({400, 404, 422})
"""Statuses that concern one line: they come as an event, the others when the socket is opened."""


@dataclass(frozen=True, slots=True)
class ListedVoice:
    """A voice in the service's list."""

    id: str
    name: str
    language: str = "en"
    gender: str = "feminine"
    locale: str = "en-US"


class _Server:
    """A server on a port of loopback that it keeps, with the routes of a subclass."""

    provider = "cartesia"

    def __init__(self, *steps: Step) -> None:
        self.settings: dict[str, str] = {}
        self.plan = Plan(list(steps))
        self.connections = 0
        """Sockets that were opened."""
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes(self.routes())
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        self.settings["url"] = f"http://127.0.0.1:{self._port}"
        return self

    async def __aexit__(self, *exc: object) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/voices", self._voices)]

    voices: tuple[ListedVoice, ...] = (
        ListedVoice("e07c00bc-4134-4eae-9ea4-1a55fb45746b", "Brooke"),
        ListedVoice("bf32f849-7bc9-4b91-8c62-954588efcc30", "Lan", "zh", "feminine", "zh-CN"),
        ListedVoice("7b2c0a2e-3dd3-4a44-b16b-26ecd8134279", "Luke", "en", "masculine"),
    )

    async def _voices(self, request: web.Request) -> web.Response:
        if refused := self._refused(request):
            return refused
        ids = [voice.id for voice in self.voices]
        first = ids.index(request.query["starting_after"]) + 1 if "starting_after" in request.query else 0
        after = first + min(int(request.query.get("limit", 10)), 2)  # short pages, so that there are several
        rows = [
            {
                "id": voice.id,
                "name": voice.name,
                "language": voice.language,
                "gender": voice.gender,
                "tagline": f"{voice.name} of the stand-in",
                "description": "",
                "locales": [{"locale": voice.locale, "is_native": True}],
            }
            for voice in self.voices[first:after]
        ]
        return web.json_response({"data": rows, "has_more": after < len(ids)})

    def _refused(self, request: web.Request) -> web.Response | None:
        """The refusal of a request, or of a socket's handshake, where the key or the plan's next step asks for one."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"title": "Unauthorized", "message": "Invalid API key"}, status=401)
        step = self.plan.steps[0] if self.plan.steps else Step()
        if step.fault != "status" or step.status in _OF_A_LINE:
            return None
        self.plan.next()
        headers = {"retry-after": step.retry_after} if step.retry_after else {}
        return web.json_response({"title": "Refused", "message": step.message}, status=step.status, headers=headers)


@dataclass
class CartesiaSpeech(_Server):
    """The socket that speaks, each line in its context. Faults hit the line, and with `drop` the whole connection."""

    steps: tuple[Step, ...] = ()
    asked: list[Asked] = field(default_factory=list)
    cancelled: int = 0
    voicebox: Voicebox = tones

    def __post_init__(self) -> None:
        super().__init__(*self.steps)

    def routes(self) -> list[web.RouteDef]:
        return [*super().routes(), web.get("/tts/websocket", self._speak)]

    async def _speak(self, request: web.Request) -> web.StreamResponse:
        if refused := self._refused(request):
            return refused
        self.connections += 1
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        contexts: dict[str, asyncio.Task[None]] = {}
        try:
            async for message in socket:
                asked = json.loads(message.data)
                context = asked["context_id"]
                if asked.get("cancel"):
                    if task := contexts.pop(context, None):
                        self.cancelled += not task.done()
                        task.cancel()
                    continue
                contexts[context] = asyncio.create_task(self._line(socket, request, context, asked))
        finally:
            running = [task for task in contexts.values() if not task.done()]
            self.cancelled += len(running)
            for task in running:
                task.cancel()
            await asyncio.gather(*contexts.values(), return_exceptions=True)
        return socket

    async def _line(self, socket: web.WebSocketResponse, request: web.Request, context: str, asked: Any) -> None:
        line = Asked(
            text=asked["transcript"],
            voice=asked["voice"]["id"],
            speed=asked.get("generation_config", {}).get("speed", 1.0),
            language=asked.get("language", ""),
            model=asked["model_id"],
            key=request.headers["Authorization"].removeprefix("Bearer "),
        )
        self.asked.append(line)
        step = self.plan.next()
        send = _Sender(socket, context)
        match step.fault:
            case "status":
                await send.error(step)
                return
            case "drop":
                await _abort(request)
                return
            case "stall":
                await asyncio.Event().wait()
            case "garbage":
                await socket.send_str("<html>no such thing</html>")
                return
            case "slow":
                await asyncio.sleep(step.delay_s)
            case _:
                pass
        rate = asked["output_format"]["sample_rate"] // (2 if step.fault == "wrong_rate" else 1)
        events = [] if step.fault == "empty" else list(self._events(line, rate, odd=step.fault == "odd"))
        for number, event in enumerate(events):
            if 2 * number >= len(events) and step.fault == "drop_mid":
                await _abort(request)
                return
            if 2 * number >= len(events) and step.fault == "stall_mid":
                await asyncio.Event().wait()
            await send(event)
            await asyncio.sleep(0)
        await send({"type": "done", "done": True})

    def _events(self, line: Asked, rate: int, *, odd: bool) -> list[dict[str, Any]]:
        """Chunks, and before each the words that begin in it, as the service has them."""
        said = self.voicebox(line, rate)
        pcm = said.pcm.astype("<i2").tobytes()
        step = 2 * round(_CHUNK_S * rate) + (1 if odd else 0)
        events: list[dict[str, Any]] = []
        for at in range(0, len(pcm), step):
            words = [(word, start, end) for word, start, end in said.words if at <= 2 * start < at + step]
            if words:
                times = {
                    "words": [word for word, _, _ in words],
                    "start": [start / rate for _, start, _ in words],
                    "end": [end / rate for _, _, end in words],
                }
                events.append({"type": "timestamps", "word_timestamps": times})
            data = base64.b64encode(pcm[at : at + step]).decode()
            events.append({"type": "chunk", "data": data, "step_time": 1.0})
        return events


class _Sender:
    """Sends the events of a context."""

    def __init__(self, socket: web.WebSocketResponse, context: str) -> None:
        self._socket = socket
        self._context = context

    async def __call__(self, event: dict[str, Any]) -> None:
        whole = {"context_id": self._context, "done": False, "status_code": 206, **event}
        await self._socket.send_str(json.dumps(whole))

    async def error(self, step: Step) -> None:
        """An error; without a context, as some of the service's are, where the step's message says so."""
        code = "voice_not_found" if step.status == 404 else "bad_request"
        event = {
            "type": "error",
            "done": True,
            "status_code": step.status,
            "error_code": code,
            "title": "Refused",
            "message": step.message,
        }
        if step.message != NO_CONTEXT:
            event["context_id"] = self._context
        await self._socket.send_str(json.dumps(event))


NO_CONTEXT = "an error that names no context"
"""The message of a step whose error event is to name no context."""


async def _abort(request: web.Request) -> None:
    """Break the connection off, once what was sent is on its way."""
    await asyncio.sleep(0.01)
    if request.transport:
        request.transport.abort()
