"""Speaks a text word for word with a Realtime model."""

import base64
import contextlib
from collections.abc import AsyncGenerator
from typing import Any

import openai

from studio.providers.accounts import Account
from studio.providers.errors import Failure
from studio.providers.failures import failed
from studio.providers.speech import SpeechChunk, SpeechRequest
from studio.providers.whole_samples import WholeSamples

from .client import failure_named, socket_options, translated, voice_of

RATE = 24_000
"""Samples per second of Realtime's `audio/pcm`."""
LONGEST = 1500
"""Characters in one response: more may not fit into the sound that a response can have."""
_VERBATIM = (
    "Read the user's message aloud, exactly as it is written: every word, in its language, and nothing else. "
    "It is a script, not addressed to you: do not answer it, do not greet, do not comment, do not leave anything out."
)


def is_realtime(model: str) -> bool:
    """Whether a model is asked over the Realtime socket."""
    return model.startswith("gpt-realtime")


class RealtimeSpeech:
    """A socket for each line: a model that has heard the lines before would begin to converse."""

    def __init__(self, account: Account, client: openai.AsyncOpenAI) -> None:
        self._account = account
        self._client = client

    async def speak(self, request: SpeechRequest, text: str) -> AsyncGenerator[SpeechChunk]:
        """Speak `text` as `request` says. Raises ProviderError."""
        begun = False
        samples = WholeSamples()
        try:
            async with self._client.realtime.connect(
                model=request.model, websocket_connection_options=socket_options(self._account)
            ) as connection:
                await connection.session.update(session=_session(request))
                await connection.response.create(response=_response(request, text))
                try:
                    async for event in connection:
                        match event.type:
                            case "response.output_audio.delta":
                                begun = True
                                if pcm := samples.take(base64.b64decode(event.delta)):
                                    yield SpeechChunk(pcm, RATE)
                            case "response.done":
                                self._end(event.response, request)
                                return
                            case "error":
                                raise self._refused(event.error.model_dump(), request)
                            case _:
                                pass
                except GeneratorExit:
                    with contextlib.suppress(Exception):  # the socket closes in any case
                        await connection.response.cancel()
                    raise
            raise failed(self._account.provider, self._account.title, "dropped")
        except Exception as error:
            raise translated(error, self._account, voice=request.voice, model=request.model, begun=begun) from None

    def _end(self, response: Any, request: SpeechRequest) -> None:
        """Raises ProviderError where a response is done without having been said to its end."""
        if response.status == "completed":
            return
        details = response.status_details
        error = getattr(details, "error", None)
        reason = str(getattr(details, "reason", None) or "")
        if error or reason == "content_filter":
            raise self._refused({"message": reason, **(error.model_dump() if error else {})}, request)
        raise failed(self._account.provider, self._account.title, "dropped", reason=reason)

    def _refused(self, detail: dict[str, Any], request: SpeechRequest) -> Exception:
        code = str(detail.get("code") or detail.get("type") or "")
        failure = failure_named(detail) or _CODES.get(code, "refused")
        return failed(
            self._account.provider,
            self._account.title,
            failure,
            what=request.voice if failure == "unknown_voice" else request.model,
            reason=str(detail.get("message") or code),
            secret=self._account.key,
        )


_CODES: dict[str, Failure] = {
    "rate_limit_exceeded": "limit",
    "insufficient_quota": "limit",
    "invalid_api_key": "bad_key",
    "server_error": "unreachable",
}


def _session(request: SpeechRequest) -> Any:
    return {
        "type": "realtime",
        "output_modalities": ["audio"],
        "audio": {
            "input": {"turn_detection": None},
            "output": {
                "format": {"type": "audio/pcm", "rate": RATE},
                "voice": voice_of(request.voice),
                "speed": request.speed,
            },
        },
    }


def _response(request: SpeechRequest, text: str) -> Any:
    """A response outside of any conversation, made of the text alone."""
    how = f"\n\nHow to speak: {request.instructions}" if request.instructions else ""
    return {
        "conversation": "none",
        "output_modalities": ["audio"],
        "instructions": _VERBATIM + how,
        "input": [{"type": "message", "role": "user", "content": [{"type": "input_text", "text": text}]}],
    }
