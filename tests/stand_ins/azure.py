"""Azure's speech service on loopback: its socket (USP), with sound and word boundaries, and its list of voices."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self
from xml.etree import ElementTree

from aiohttp import WSMsgType, web

from studio.providers.manifests import load_providers
from tests.stand_ins.stand_in import KEY, Asked, Plan, Said, Step, Voicebox, tones
from tests.stand_ins.web import Server

PATH = "/tts/cognitiveservices/websocket/v1"
_LIST = "/tts/cognitiveservices/voices/list"
_RATE = 24_000
_PIECE = 4800
"""Bytes of sound in a message: a tenth of a second."""
_TICKS = 10_000_000
_NS = {"s": "http://www.w3.org/2001/10/synthesis", "mstts": "http://www.w3.org/2001/mstts"}


class _Gone(Exception):  # noqa: N818 - not an error: the other side has stopped listening
    pass


class AzureSpeech:
    """Speaks the voices of the manifest. Refuses other keys, and documents that are no SSML."""

    provider = "azure"

    def __init__(self, voicebox: Voicebox = tones) -> None:
        self.plan = Plan()
        self.asked: list[Asked] = []
        self.documents: list[str] = []
        """The SSML as it came."""
        self.formats: list[str] = []
        """The sound that was asked for, one a line."""
        self.connections = 0
        self.cancelled = 0
        self.voicebox = voicebox
        self.settings: dict[str, str] = {}
        self._server = Server()
        self._server.get(PATH, self._socket)
        self._server.get(_LIST, self._list)
        self._names = {voice.id for voice in load_providers()["azure"].voices}

    async def __aenter__(self) -> Self:
        await self._server.start()
        self.settings = {"url": f"{self._server.url}{PATH}".replace("http:", "ws:"), "region": "eastus"}
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self._server.stop()

    async def _list(self, request: web.Request) -> web.Response:
        if request.headers.get("Ocp-Apim-Subscription-Key") != KEY:
            return web.Response(status=401)
        step = self.plan.next()
        if step.fault == "status":
            return _refusal(step)
        if step.fault == "garbage":
            return _page()
        voices = [
            {
                "Name": f"Microsoft Server Speech Text to Speech Voice ({voice.language}, {voice.id})",
                "DisplayName": voice.name.capitalize(),
                "LocalName": voice.name.capitalize(),
                "ShortName": voice.id,
                "Gender": voice.gender.capitalize(),
                "Locale": voice.language,
                "VoiceType": "Neural",
                "Status": "GA",
            }
            for voice in load_providers()["azure"].voices
            if voice.id
        ]
        return web.json_response(voices)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        self.connections += 1
        if request.headers.get("Ocp-Apim-Subscription-Key") != KEY:
            return web.Response(status=401)
        socket = web.WebSocketResponse(protocols=("USP",))
        if self.plan.steps and self.plan.steps[0].fault in ("status", "garbage"):  # a new socket does not come about
            step = self.plan.next()
            return _refusal(step) if step.fault == "status" else _page()
        await socket.prepare(request)
        settings: Mapping[str, Any] = {}
        try:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                headers, body = _parts(message.data)
                match headers["path"]:
                    case "synthesis.context":
                        settings = json.loads(body)
                    case "ssml":
                        step = self.plan.next()
                        turn = _Turn(socket, headers["x-requestid"])
                        await self._answer(turn, body, settings, step, request)
                    case _:
                        pass
        except (_Gone, ConnectionError):
            self.cancelled += 1
        return socket

    async def _answer(
        self, turn: "_Turn", document: str, settings: Mapping[str, Any], step: Step, request: web.Request
    ) -> None:
        self.documents.append(document)
        self.formats.append(settings["synthesis"]["audio"]["outputFormat"])
        try:
            asked = _asked(document, request.headers.get("Ocp-Apim-Subscription-Key", ""))
        except (ElementTree.ParseError, AttributeError) as error:
            await turn.socket.close(code=1007, message=f"Error in SSML: {error}"[:100].encode())
            return
        self.asked.append(asked)
        if asked.voice not in self._names:
            await turn.socket.close(code=1007, message=f"Unsupported voice {asked.voice}.".encode())
            return
        if step.fault == "status":  # an open socket is closed instead
            await turn.socket.close(code=4429 if step.status == 429 else 1011, message=step.message.encode())
            return
        await turn.tell("turn.start", {"context": {"serviceTag": "0"}})
        match step.fault:
            case "drop":
                _break(request)
                return
            case "stall":
                await turn.gone()
            case "slow":
                await asyncio.sleep(step.delay_s)
            case "garbage":
                await turn.socket.send_bytes(b"\xff\xff<html>sorry</html>")
                await turn.gone()
            case _:
                pass
        await turn.tell("response", {"context": {"serviceTag": "0"}, "audio": {"type": "inline", "streamId": "1"}})
        if step.fault != "empty":
            await self._sound(turn, asked, step, request)
        await turn.audio(b"")
        await turn.tell("turn.end", {})

    async def _sound(self, turn: "_Turn", asked: Asked, step: Step, request: web.Request) -> None:
        said = self.voicebox(asked, _RATE // 2 if step.fault == "wrong_rate" else _RATE)
        pcm = said.pcm.astype("<i2").tobytes()
        words = _boundaries(asked.text, said)
        piece = _PIECE + 1 if step.fault == "odd" else _PIECE
        for at in range(0, len(pcm), piece):
            due = [word for first, word in words if at <= first * 2 < at + piece]
            if due:
                await turn.tell("audio.metadata", {"Metadata": due})
            await turn.audio(pcm[at : at + piece])
            if step.fault == "drop_mid":
                _break(request)
                return
            if step.fault == "stall_mid":
                await turn.gone()


@dataclass
class _Turn:
    """An answer on the socket: texts with headers, and sound with a length before its headers."""

    socket: web.WebSocketResponse
    number: str

    async def tell(self, path: str, body: Mapping[str, Any]) -> None:
        head = f"X-RequestId:{self.number}\r\nContent-Type:application/json; charset=utf-8\r\nPath:{path}\r\n\r\n"
        await self._send_str(head + json.dumps(body))

    async def audio(self, pcm: bytes) -> None:
        head = f"X-RequestId:{self.number}\r\nX-StreamId:1\r\nPath:audio\r\n".encode()
        if self.socket.closed:
            raise _Gone
        await self.socket.send_bytes(len(head).to_bytes(2, "big") + head + pcm)

    async def gone(self) -> None:
        """Say no more; wait until the other side leaves."""
        while (await self.socket.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED):
            pass
        raise _Gone

    async def _send_str(self, text: str) -> None:
        if self.socket.closed:
            raise _Gone
        await self.socket.send_str(text)


def _parts(message: str) -> tuple[dict[str, str], str]:
    head, _, body = message.partition("\r\n\r\n")
    lines = (line.partition(":") for line in head.splitlines())
    return {name.strip().lower(): value.strip() for name, _, value in lines}, body


def _asked(document: str, key: str) -> Asked:
    """What a document asks for. Raises ParseError or AttributeError."""
    root = ElementTree.fromstring(document)
    voice: Any = root.find("s:voice", _NS)
    prosody = voice.find(".//s:prosody", _NS)
    style = voice.find(".//mstts:express-as", _NS)
    language = voice.find(".//s:lang", _NS)
    rate = "+0%" if prosody is None else prosody.get("rate")
    assert re.fullmatch(r"[+-][\d.]+%", rate), rate
    return Asked(
        text="".join(voice.itertext()),
        voice=voice.get("name"),
        speed=1 + float(rate.rstrip("%")) / 100,
        language="" if language is None else language.get("{http://www.w3.org/XML/1998/namespace}lang"),
        instructions="" if style is None else style.get("style"),
        key=key,
    )


def _boundaries(text: str, said: Said) -> list[tuple[int, dict[str, Any]]]:
    """The first sample of every word, and its word boundary; punctuation at its end is one of its own."""
    found: list[tuple[int, dict[str, Any]]] = []
    for word, first, after in said.words:
        bare = re.sub(r"^\W+|\W+$", "", word) or word
        rows = [(bare, "WordBoundary", first, after)]
        if tail := word[word.find(bare) + len(bare) :]:
            rows.append((tail, "PunctuationBoundary", after, after))
        for content, kind, start, end in rows:
            data = {
                "Offset": start * _TICKS // _RATE,
                "Duration": (end - start) * _TICKS // _RATE,
                "text": {"Text": content, "Length": len(content), "BoundaryType": kind},
            }
            found.append((start, {"Type": "WordBoundary", "Data": data}))
    return found


def _refusal(step: Step) -> web.Response:
    headers = {"Retry-After": step.retry_after} if step.retry_after else {}
    return web.Response(status=step.status, text=step.message, headers=headers)


def _page() -> web.Response:
    return web.Response(text="<html>sorry</html>", content_type="text/html")


def _break(request: web.Request) -> None:
    if request.transport:
        request.transport.abort()
