"""Deepgram's listening: nova at /v1/listen, flux at /v2/listen."""

import asyncio
import json
from contextlib import suppress
from typing import Any, Self

import numpy as np
from aiohttp import WSCloseCode, WSMsgType, web

from tests.stand_ins.hearing import RATE, Ears, Heard, Hearing, flat
from tests.stand_ins.stand_in import KEY, Plan, Step, Utterance
from tests.stand_ins.web import Server

_UPDATE_S = 0.25
_GARBAGE = ("no json", "[]", '{"type": "Unheard"}', '{"type": "Results"}', '{"type": "TurnInfo", "event": 7}')


class DeepgramEars(Ears):
    """A service that listens."""

    provider = "deepgram"

    def __init__(self) -> None:
        super().__init__()
        self.plan = Plan()
        self.told: list[dict[str, Any]] = []
        """Messages that came beside sound."""
        self.settings: dict[str, str] = {}
        self._server = Server()
        self._server.get("/v1/listen", self._nova)
        self._server.get("/v2/listen", self._flux)
        self._server.get("/v1/projects", self._projects)

    async def __aenter__(self) -> Self:
        await self._server.start()
        self.settings = {"url": self._server.url}
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._server.stop()

    async def _projects(self, request: web.Request) -> web.StreamResponse:
        if refused := self._refused(request, self.plan.next()):
            return refused
        return web.json_response({"projects": [{"project_id": "p", "name": "Stand-in"}]})

    async def _nova(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, _Nova)

    async def _flux(self, request: web.Request) -> web.StreamResponse:
        return await self._listen(request, _Flux)

    async def _listen(self, request: web.Request, protocol: "type[_Protocol]") -> web.StreamResponse:
        step = self.plan.next()
        if refused := self._refused(request, step):
            return refused
        if step.fault == "slow":
            await asyncio.sleep(step.delay_s)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        query = flat(list(request.query.items()))
        self.opened.append(query)
        self.sockets += 1
        try:
            await protocol(self, socket, request, query, step).serve()
        finally:
            self.sockets -= 1
        return socket

    def _refused(self, request: web.Request, step: Step) -> web.Response | None:
        if request.headers.get("Authorization") != f"Token {KEY}":
            return web.json_response({"err_code": "INVALID_AUTH", "err_msg": "Invalid credentials."}, status=401)
        if step.fault == "status":
            headers = {"retry-after": step.retry_after} if step.retry_after else {}
            return web.json_response({"err_code": "X", "err_msg": step.message}, status=step.status, headers=headers)
        return None


class _Protocol:
    """One connection."""

    def __init__(
        self,
        service: DeepgramEars,
        socket: web.WebSocketResponse,
        request: web.Request,
        query: dict[str, str],
        step: Step,
    ) -> None:
        self.service = service
        self.query = query
        self._socket = socket
        self._request = request
        self._step = step
        self._out: list[dict[str, Any]] = []
        utterances = [Utterance("")] * 99 if step.fault == "empty" else service.utterances
        self.hearing = Hearing(utterances, self.end_ms)
        self.hearing.started = self.started
        self.hearing.goes_on = self.goes_on
        self.hearing.over = self.over

    @property
    def end_ms(self) -> float:
        return 300

    def started(self, heard: Heard) -> None: ...
    def goes_on(self, heard: Heard) -> None: ...
    def over(self, heard: Heard) -> None: ...
    def sound(self) -> None: ...
    def told(self, message: dict[str, Any]) -> None: ...

    def say(self, **message: Any) -> None:
        """Send that, after what is being heard."""
        self._out.append(message)

    async def serve(self) -> None:
        """Until one of both closes."""
        if self._step.fault == "drop":
            self._cut_off()
            return
        if self._step.fault == "garbage":
            for text in _GARBAGE:
                await self._socket.send_str(text)
            await self._socket.send_bytes(b"\x00\x01")
        self.opened()
        await self._flush()
        while True:
            try:
                message = await asyncio.wait_for(self._socket.receive(), self.service.patience_s)
            except TimeoutError:
                await self._socket.close(code=WSCloseCode.INTERNAL_ERROR, message=b"NET-0001")
                return
            match message.type:
                case WSMsgType.BINARY:
                    self.service.heard += message.data
                    self.hearing.process(np.frombuffer(message.data, "<i2"))
                    self.sound()
                case WSMsgType.TEXT:
                    told = json.loads(message.data)
                    self.service.told.append(told)
                    if told["type"] == "CloseStream":
                        await self._socket.close()
                        return
                    self.told(told)
                case _:
                    return
            if self._step.fault == "drop_mid" and self.hearing.voice_s >= 1.0:
                self._cut_off()
                return
            await self._flush()

    def opened(self) -> None:
        """Say what is said first."""

    def _cut_off(self) -> None:
        if self._request.transport:
            self._request.transport.abort()

    async def _flush(self) -> None:
        silent = self._step.fault == "stall" or (self._step.fault == "stall_mid" and self.hearing.voice_s >= 1.0)
        out, self._out = self._out, []
        for message in [] if silent else out:
            with suppress(ConnectionError):
                await self._socket.send_json(message)


class _Nova(_Protocol):
    _from = 0
    """Up to here everything is final."""

    @property
    def end_ms(self) -> float:
        return float(self.query.get("endpointing", 300).replace("false", "300"))

    def started(self, heard: Heard) -> None:
        if self.query.get("vad_events") == "true":
            self.say(type="SpeechStarted", channel=[0, 1], timestamp=heard.start / RATE)

    def goes_on(self, heard: Heard) -> None:
        if self.query.get("interim_results") == "true":
            self._results(heard.so_far, [], final=False)

    def over(self, heard: Heard) -> None:
        ends = self.query.get("endpointing") != "false"
        self._results(heard.utterance.text, heard.words, final=True, speech_final=ends)

    def sound(self) -> None:
        if self.hearing.now is None and self.hearing.at - self._from > 2 * RATE:
            self._results("", [], final=True)

    def told(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "Finalize":
                heard = self.hearing.cut()
                self._results(
                    heard.utterance.text if heard else "", heard.words if heard else [], final=True, from_finalize=True
                )
            case "Configure":
                if len(message.get("keyterms") or ()) > 100:
                    self.say(
                        type="ConfigureFailure",
                        request_id="r",
                        code="CONFIGURE_KEYTERM_LIMIT_EXCEEDED",
                        description="Too many.",
                    )
                else:
                    self.say(type="ConfigureSuccess", request_id="r", keyterms=message.get("keyterms"))
            case "KeepAlive":
                pass
            case _:
                self.say(type="Error", description="not understood", variant="SchemaError")

    def _results(
        self,
        text: str,
        words: list[tuple[str, float, float]],
        *,
        final: bool,
        speech_final: bool = False,
        from_finalize: bool = False,
    ) -> None:
        rows = [
            {"word": word.lower().strip(".,!?"), "punctuated_word": word, "start": a, "end": b, "confidence": 0.98}
            for word, a, b in words
        ]
        start, end = self._from / RATE, self.hearing.at / RATE
        self.say(
            type="Results",
            channel_index=[0, 1],
            start=start,
            duration=end - start,
            is_final=final,
            speech_final=speech_final,
            from_finalize=from_finalize,
            channel={"alternatives": [{"transcript": text, "confidence": 0.98 if text else 0.0, "words": rows}]},
            metadata={
                "request_id": "r",
                "model_uuid": "m",
                "model_info": {"name": "stand-in", "version": "1", "arch": ""},
            },
        )
        if final:
            self._from = self.hearing.at


class _Flux(_Protocol):
    _turn = _sequence = _window = _told_at = 0

    def opened(self) -> None:
        self._say(type="Connected")

    @property
    def end_ms(self) -> float:
        return 1000 * float(self.query.get("eot_threshold", 0.7)) / 2

    def started(self, heard: Heard) -> None:
        self._info("StartOfTurn", heard.so_far, [])

    def goes_on(self, heard: Heard) -> None:
        self._info("Update", heard.so_far, [])

    def over(self, heard: Heard) -> None:
        self._end(heard, "model")

    def sound(self) -> None:
        if self.hearing.now is None and self.hearing.at - self._told_at > _UPDATE_S * RATE:
            self._info("Update", "", [])

    def told(self, message: dict[str, Any]) -> None:
        match message["type"]:
            case "ForceEndTurn":
                if heard := self.hearing.cut():
                    self._end(heard, "manual")
            case "Configure":
                thresholds = message.get("thresholds") or {}
                if not 0.5 <= thresholds.get("eot_threshold", 0.7) <= 0.9:
                    self._say(type="ConfigureFailure", code="OUT_OF_RANGE", description="eot_threshold")
                else:
                    self._say(
                        type="ConfigureSuccess",
                        thresholds=thresholds,
                        keyterms=message.get("keyterms") or [],
                        language_hints=message.get("language_hints"),
                    )
            case _:
                self._say(type="Error", code="UNPARSABLE", description="This is no message of mine.")

    def _end(self, heard: Heard, trigger: str) -> None:
        self._info("EndOfTurn", heard.utterance.text, heard.words, trigger=trigger)
        self._turn += 1
        self._window = self.hearing.at

    def _info(self, event: str, text: str, words: list[tuple[str, float, float]], **more: Any) -> None:
        self._told_at = self.hearing.at
        self._say(
            type="TurnInfo",
            event=event,
            turn_index=self._turn,
            audio_window_start=self._window / RATE,
            audio_window_end=self.hearing.at / RATE,
            transcript=text,
            words=[{"word": word, "confidence": 0.97, "start": a, "end": b} for word, a, b in words],
            end_of_turn_confidence=0.9 if event == "EndOfTurn" else 0.1,
            **more,
        )

    def _say(self, **message: Any) -> None:
        self.say(request_id="r", sequence_id=self._sequence, **message)
        self._sequence += 1
