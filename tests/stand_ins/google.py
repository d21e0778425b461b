"""Google's text-to-speech service on loopback, by gRPC: StreamingSynthesize, SynthesizeSpeech, ListVoices."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Self

import grpc
import grpc.aio
from google.cloud.texttospeech_v1 import (
    ListVoicesRequest,
    ListVoicesResponse,
    SsmlVoiceGender,
    StreamingSynthesizeRequest,
    StreamingSynthesizeResponse,
    SynthesizeSpeechRequest,
    SynthesizeSpeechResponse,
    Voice,
)
from google.protobuf.duration_pb2 import Duration
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from studio.providers.manifests import load_providers
from tests.stand_ins.stand_in import KEY, Asked, Plan, Step, Voicebox, tones

_SERVICE = "google.cloud.texttospeech.v1.TextToSpeech"
_PIECE = 4800
"""Bytes of sound in a message: a tenth of a second."""
_CODES = {
    400: Code.INVALID_ARGUMENT,
    401: Code.UNAUTHENTICATED,
    403: Code.PERMISSION_DENIED,
    404: Code.NOT_FOUND,
    429: Code.RESOURCE_EXHAUSTED,
    500: Code.INTERNAL,
    503: Code.UNAVAILABLE,
}


class GoogleSpeech:
    """Speaks the voices of the manifest in any language. Refuses other keys as Google does."""

    provider = "google"

    def __init__(self, voicebox: Voicebox = tones) -> None:
        self.plan = Plan()
        self.asked: list[Asked] = []
        self.calls: list[str] = []
        """Names of the methods that were called."""
        self.pieces: list[str] = []
        """The texts of the requests, one by one."""
        self.cancelled = 0
        self.voicebox = voicebox
        self.settings: dict[str, str] = {}
        self.refuse_unread = False
        """Refuse before the request has been read, as a busy service does."""
        self._port = 0
        self._server: grpc.aio.Server | None = None
        self._names = {voice.id.rpartition("-")[2] for voice in load_providers()["google"].voices}

    async def __aenter__(self) -> Self:
        server = grpc.aio.server()
        server.add_generic_rpc_handlers((self._handlers(),))
        self._port = server.add_insecure_port(f"127.0.0.1:{self._port}")
        self.settings = {"url": f"127.0.0.1:{self._port}"}
        await server.start()
        self._server = server
        return self

    async def __aexit__(self, *exc: object) -> None:
        if self._server:
            await self._server.stop(0)

    def _handlers(self) -> grpc.GenericRpcHandler:
        return grpc.method_handlers_generic_handler(
            _SERVICE,
            {
                "StreamingSynthesize": grpc.stream_stream_rpc_method_handler(
                    self._stream,
                    request_deserializer=StreamingSynthesizeRequest.deserialize,
                    response_serializer=_raw_or(StreamingSynthesizeResponse.serialize),
                ),
                "SynthesizeSpeech": grpc.unary_unary_rpc_method_handler(
                    self._synthesize,
                    request_deserializer=SynthesizeSpeechRequest.deserialize,
                    response_serializer=SynthesizeSpeechResponse.serialize,
                ),
                "ListVoices": grpc.unary_unary_rpc_method_handler(
                    self._list,
                    request_deserializer=ListVoicesRequest.deserialize,
                    response_serializer=ListVoicesResponse.serialize,
                ),
            },
        )

    async def _stream(self, requests: AsyncIterator[StreamingSynthesizeRequest], context: Any) -> AsyncIterator[Any]:
        self.calls.append("StreamingSynthesize")
        step = self.plan.next()
        if self.refuse_unread:
            await _abort(context, step)
        config: Any = None
        texts: list[str] = []
        async for request in requests:
            if request.streaming_config:
                config = request.streaming_config
            elif request.input.text:
                texts.append(request.input.text)
        self.pieces += texts
        rate = config.streaming_audio_config.sample_rate_hertz
        asked = _asked("".join(texts).strip(), config.voice, config.streaming_audio_config.speaking_rate, context)
        async for message in self._answer(asked, rate, step, context):
            yield message

    async def _answer(self, asked: Asked, rate: int, step: Step, context: Any) -> AsyncIterator[Any]:
        self.asked.append(asked)
        await self._admit(asked, context)
        if step.fault == "status":
            await _abort(context, step)
        if step.fault == "drop":
            await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        if step.fault == "slow":
            await asyncio.sleep(step.delay_s)
        if step.fault == "garbage":
            yield b"<html>sorry</html>"
            return
        try:
            if step.fault == "stall":
                await asyncio.Event().wait()
            if step.fault == "empty":
                yield StreamingSynthesizeResponse()
                return
            pcm = self.voicebox(asked, rate // 2 if step.fault == "wrong_rate" else rate).pcm.astype("<i2").tobytes()
            piece = _PIECE + 1 if step.fault == "odd" else _PIECE
            for at in range(0, len(pcm), piece):
                if at and step.fault == "drop_mid":
                    await context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
                if at and step.fault == "stall_mid":
                    await asyncio.Event().wait()
                yield StreamingSynthesizeResponse(audio_content=pcm[at : at + piece])
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def _synthesize(self, request: SynthesizeSpeechRequest, context: Any) -> SynthesizeSpeechResponse:
        self.calls.append("SynthesizeSpeech")
        step = self.plan.next()
        asked = _asked(request.input.text.strip(), request.voice, request.audio_config.speaking_rate, context)
        self.asked.append(asked)
        await self._admit(asked, context)
        if step.fault == "status":
            await _abort(context, step)
        sound = self.voicebox(asked, request.audio_config.sample_rate_hertz)
        return SynthesizeSpeechResponse(audio_content=sound.pcm.astype("<i2").tobytes())

    async def _list(self, request: ListVoicesRequest, context: Any) -> ListVoicesResponse:
        self.calls.append("ListVoices")
        step = self.plan.next()
        await _check_key(_key(context), context)
        if step.fault == "status":
            await _abort(context, step)
        languages = [request.language_code] if request.language_code else ["en-US", "de-DE"]
        genders = {"female": SsmlVoiceGender.FEMALE, "male": SsmlVoiceGender.MALE}
        return ListVoicesResponse(
            voices=[
                Voice(
                    language_codes=[language],
                    name=f"{language}-Chirp3-HD-{voice.id.rpartition('-')[2]}",
                    ssml_gender=genders[voice.gender],
                    natural_sample_rate_hertz=24_000,
                )
                for language in languages
                for voice in load_providers()["google"].voices
            ]
            + [Voice(language_codes=["en-US"], name="en-US-Standard-A", ssml_gender=SsmlVoiceGender.MALE)]
        )

    async def _admit(self, asked: Asked, context: Any) -> None:
        await _check_key(asked.key, context)
        if asked.voice.rpartition("-")[2] not in self._names:
            message = f"Voice '{asked.voice}' does not exist. Is it misspelled?"
            await context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)


def _asked(text: str, voice: Any, rate: float, context: Any) -> Asked:
    return Asked(text, voice.name, rate or 1.0, voice.language_code, key=_key(context))


def _key(context: Any) -> str:
    return dict(context.invocation_metadata()).get("x-goog-api-key", "")


async def _check_key(key: str, context: Any) -> None:
    if key != KEY:
        message = "API key not valid. Please pass a valid API key."
        await context.abort(grpc.StatusCode.INVALID_ARGUMENT, message)


async def _abort(context: Any, step: Step) -> None:
    status = Status(code=_CODES.get(step.status, Code.UNKNOWN), message=step.message)
    if step.retry_after:
        status.details.add().Pack(RetryInfo(retry_delay=Duration(seconds=int(step.retry_after))))
    await context.abort_with_status(rpc_status.to_status(status))


def _raw_or(serialize: Any) -> Any:
    """Bytes go out as they are: what is no message of the protocol."""
    return lambda message: message if isinstance(message, bytes) else serialize(message)
