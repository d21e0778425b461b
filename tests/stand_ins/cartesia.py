"""Stand-ins for Cartesia: the socket that speaks, the two that listen, the list of voices."""

import asyncio
import base64
import json
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from aiohttp import WSMsgType, web

from tests.stand_ins.hearing import RATE, Ears, Heard, Hearing, flat
from tests.stand_ins.stand_in import KEY, Asked, Plan, Step, Utterance, Voicebox, tones
from tests.stand_ins.web import Server

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


class _Service:
    """What speaking and listening have in common: the account and its voices."""

    provider = "cartesia"

    def __init__(self, *steps: Step) -> None:
        self.settings: dict[str, str] = {}
        self.plan = Plan(list(steps))
        self.connections = 0
        """Sockets that were opened."""
        self._server = Server()
        self._server.get("/voices", self._voices)

    async def __aenter__(self) -> Self:
        await self._server.start()
        self.settings["url"] = self._server.url
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._server.stop()

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

    def _refused(self, request: web.Request, of_a_line: frozenset[int] = _OF_A_LINE) -> web.Response | None:
        """The refusal of a request, or of a socket's handshake, where the key or the plan's next step asks for one."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return web.json_response({"title": "Unauthorized", "message": "Invalid API key"}, status=401)
        step = self.plan.steps[0] if self.plan.steps else Step()
        if step.fault != "status" or step.status in of_a_line:
            return None
        self.plan.next()
        headers = {"retry-after": step.retry_after} if step.retry_after else {}
        return web.json_response({"title": "Refused", "message": step.message}, status=step.status, headers=headers)


@dataclass
class CartesiaSpeech(_Service):
    """The socket that speaks, each line in its context. Faults hit the line, and with `drop` the whole connection."""

    steps: tuple[Step, ...] = ()
    asked: list[Asked] = field(default_factory=list)
    cancelled: int = 0
    voicebox: Voicebox = tones

    def __post_init__(self) -> None:
        super().__init__(*self.steps)
        self._server.get("/tts/websocket", self._speak)

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


class CartesiaEars(_Service, Ears):
    """The sockets that listen: by turns, and until they are told to finalize."""

    def __init__(self, *steps: Step) -> None:
        _Service.__init__(self, *steps)
        Ears.__init__(self)
        self.told: list[Any] = []
        """Commands that came beside sound."""
        self._server.get("/stt/turns/websocket", self._by_turns)
        self._server.get("/stt/websocket", self._until_told)

    async def _by_turns(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, _Turns)

    async def _until_told(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, _Manual)

    async def _listen(self, request: web.Request, protocol: "type[_Ear]") -> web.StreamResponse:
        if refused := self._refused(request, of_a_line=frozenset()):
            return refused
        step = self.plan.next()
        if step.fault == "slow":
            await asyncio.sleep(step.delay_s)
        socket = web.WebSocketResponse(autoping=step.fault != "stall")
        await socket.prepare(request)
        query = flat(list(request.query.items()))
        self.opened.append(query)
        self.connections += 1
        self.sockets += 1
        try:
            await protocol(self, request, socket, query, step).serve()
        finally:
            self.sockets -= 1
        return socket


class _Ear:
    """One connection."""

    def __init__(
        self,
        service: CartesiaEars,
        request: web.Request,
        socket: web.WebSocketResponse,
        query: dict[str, str],
        step: Step,
    ) -> None:
        self.service = service
        self.query = query
        self._request = request
        self._socket = socket
        self._step = step
        self._out: list[dict[str, Any]] = []
        self.hearing = Hearing([Utterance("")] * 99 if step.fault == "empty" else service.utterances)
        self.hearing.started = self.started
        self.hearing.goes_on = self.goes_on
        self.hearing.over = self.over

    def opened(self) -> None: ...
    def started(self, heard: Heard) -> None: ...
    def goes_on(self, heard: Heard) -> None: ...
    def over(self, heard: Heard) -> None: ...
    def told(self, command: str) -> None: ...

    def say(self, kind: str, **event: Any) -> None:
        self._out.append({"type": kind, "request_id": "r", **event})

    async def serve(self) -> None:
        """Until one of both closes."""
        if self._step.fault == "drop":
            await _abort(self._request)
            return
        if self._step.fault == "garbage":
            for text in (
                "no json",
                "[]",
                "7",
                '{"type": "unheard.of"}',
                '{"type": "turn.end"}',
                '{"type": "transcript"}',
            ):
                await self._socket.send_str(text)
            await self._socket.send_bytes(b"\x00\x01")
        self.opened()
        await self._flush()
        while True:
            try:
                message = await asyncio.wait_for(self._socket.receive(), self.service.patience_s)
            except TimeoutError:
                await self._socket.close()
                return
            match message.type:
                case WSMsgType.BINARY:
                    self.service.heard += message.data
                    self.hearing.process(np.frombuffer(message.data, "<i2"))
                case WSMsgType.TEXT:
                    self.service.told.append(message.data)
                    self.told(message.data)
                case WSMsgType.PING:
                    continue
                case _:
                    return
            if self._step.fault == "drop_mid" and self.hearing.voice_s >= 1.0:
                await _abort(self._request)
                return
            await self._flush()

    async def _flush(self) -> None:
        silent = self._step.fault == "stall" or (self._step.fault == "stall_mid" and self.hearing.voice_s >= 1.0)
        out, self._out = self._out, []
        for event in [] if silent else out:
            with suppress(ConnectionError):
                await self._socket.send_str(json.dumps(event))


class _Turns(_Ear):
    """ink-2 by turns. A stretch of voice in which nothing is said is no turn."""

    def opened(self) -> None:
        self.say("connected")

    def started(self, heard: Heard) -> None:
        if heard.utterance.text:
            self.say("turn.start")
            self.say("turn.update", transcript=heard.so_far)

    def goes_on(self, heard: Heard) -> None:
        if heard.utterance.text:
            self.say("turn.update", transcript=heard.so_far)

    def over(self, heard: Heard) -> None:
        if heard.utterance.text:
            self.say("turn.eager_end", transcript=heard.utterance.text)
            self.say("turn.end", transcript=heard.utterance.text)

    def told(self, command: str) -> None:
        wanted = json.loads(command)
        if wanted["type"] not in ("config", "close"):
            self.say("error", title="Bad request", message="no such command", status_code=400)


class _Manual(_Ear):
    """What is final is told piece by piece, and all of it when it is asked for."""

    _began = True
    """Whether the next piece is the first of what was asked for: the others begin with their space."""

    def goes_on(self, heard: Heard) -> None:
        self.say("transcript", text=self._spaced(heard.so_far), is_final=False)

    def over(self, heard: Heard) -> None:
        self._final(heard)

    def told(self, command: str) -> None:
        match command:
            case "finalize":
                if heard := self.hearing.cut():
                    self._final(heard)
                self.say("flush_done")
                self._began = True
            case "close":
                self.say("done")
            case _:
                self.say("error", title="Bad request", message="no such command", status_code=400)

    def _final(self, heard: Heard) -> None:
        rows = [{"word": word, "start": start, "end": end} for word, start, end in heard.words]
        language = self.query["language"]
        duration = (heard.end - heard.start) / RATE
        text = self._spaced(heard.utterance.text)
        self.say("transcript", text=text, is_final=True, words=rows, language=language, duration=duration)
        self._began = False

    def _spaced(self, text: str) -> str:
        return text if self._began or not text else f" {text}"
