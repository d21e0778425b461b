"""ink that is told when to be final: ink-whisper in any language, ink-2 where the studio ends the turns."""

from typing import Any

from cartesia import AsyncCartesia

from studio.providers.accounts import Account
from studio.providers.line_map import RATE
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import Understood

from .connection import socket_options
from .ink_socket import InkSocket, InkSocketEar
from .key_terms import terms_of

_WHISPER = "ink-whisper"
_BORDER_S = 0.5
"""Words that lie further outside of what they were said in are not placed at all."""
_SHORTEST_SILENCE_MS = 500
"""Where ink-whisper is to end turns: a shorter silence is found within sentences."""


async def open_ink(
    client: AsyncCartesia, account: Account, settings: RecogniserSettings, listener: Listener, model: str
) -> "InkEar":
    """Open an ear. Raises ProviderError."""
    manager = client.stt.manual_finalize.websocket(
        **_query(settings, model),
        websocket_connection_options=socket_options(account),
    )
    ear = InkEar(await InkSocket.open(manager, account, model), account, settings, listener, model)
    ear.begin()
    return ear


class InkEar(InkSocketEar):
    """An open ear. Where it is to end turns, a piece that the service makes final after a silence is one."""

    def __init__(
        self, socket: InkSocket, account: Account, settings: RecogniserSettings, listener: Listener, model: str
    ) -> None:
        super().__init__(socket, account, settings, listener)
        self._model = model
        self._text = ""
        self._words: list[tuple[str, float, float]] = []
        self._flushed = self._answered = 0
        """Finals that the service has given, and that were given back."""

    async def update(self, settings: RecogniserSettings) -> bool:
        """Only what changes nothing for the service."""
        if settings.model != self.settings.model or settings.ends_turns_by != self.settings.ends_turns_by:
            return False
        if _query(settings, self._model) != _query(self.settings, self._model):
            return False
        self.settings = settings
        return True

    async def _ask_final(self) -> None:
        await self._socket.talk.send("finalize")

    def _take(self, message: Any) -> None:
        match getattr(message, "type", ""):
            case "transcript" if message.is_final:
                self._text += message.text
                self._words += _placed(message.words or ())
                self._guess(self._text, self._now_s)
                if self.settings.ends_turns_by and not self._waited_for:
                    self._piece_over(message.language or "")
                    self._turn_over(self._now_s)
            case "transcript":
                self._guess(self._text + message.text, self._now_s)
            case "flush_done":
                self._flushed += 1
                if self._flushed > self._answered and self._waited_for:
                    self._piece_over("")
                    self._final_given()
                else:  # nobody waits for it any more: what was guessed of it was taken
                    self._text, self._words = "", []
            case "error":
                self._break(self._failed("dropped", str(message.message)))
            case _:
                pass

    def _final_given(self) -> None:
        self._answered += 1
        super()._final_given()

    def _piece_over(self, language: str) -> None:
        """What has become final, as one text: the service's pieces carry their own spaces."""
        text, self._text = self._text, ""
        words, self._words = self._words, []
        here = all(self._given_s - _BORDER_S <= start <= end <= self._now_s + _BORDER_S for _, start, end in words)
        whole = words if here and [word for word, _, _ in words] == text.split() else []
        self._understood(Understood(text, self._given_s, self._now_s, whole, language=language))


def _placed(words: Any) -> list[tuple[str, float, float]]:
    """Words with seconds of the stream, whether they come one by one or in lists."""
    placed: list[tuple[str, float, float]] = []
    for word in words:
        if isinstance(texts := getattr(word, "words", None), list):
            placed += zip(texts, word.start, word.end, strict=True)
        else:
            placed.append((word.word, float(word.start), float(word.end)))
    return placed


def _query(settings: RecogniserSettings, model: str) -> dict[str, Any]:
    query: dict[str, Any] = {
        "model": model,
        "encoding": "pcm_s16le",
        "sample_rate": RATE,
        "language": settings.language.split("-")[0].lower(),
    }
    if model != _WHISPER:
        query.update(terms_of(settings))
    elif settings.ends_turns_by:
        query["max_silence_duration_secs"] = max(_SHORTEST_SILENCE_MS, settings.endpointing_ms) / 1000
    return query
