"""Nova: finals piece by piece, and the end of a turn after a silence."""

from typing import Any

from deepgram import AsyncDeepgramClient
from deepgram.listen.v1.types import ListenV1Configure

from studio.providers.accounts import Account
from studio.providers.line_map import RATE
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import Understood

from .connection import Socket
from .ear import DeepgramEar

_SHORTEST_GAP_MS = 1000
"""The service finds no shorter gap between words."""


async def open_nova(
    client: AsyncDeepgramClient, account: Account, settings: RecogniserSettings, listener: Listener
) -> "NovaEar":
    """Open an ear. Raises ProviderError."""
    socket = await Socket.open(client.listen.v1.connect(**_query(settings)), account, settings.model)
    ear = NovaEar(socket, account, settings, listener)
    ear.begin()
    return ear


class NovaEar(DeepgramEar):
    """An open ear."""

    async def update(self, settings: RecogniserSettings) -> bool:
        """Other terms; nothing else can be changed while the socket is open."""
        old, new = _query(self.settings), _query(settings)
        terms = new.pop("keyterm", [])
        if terms != old.pop("keyterm", []):
            if old != new:
                return False
            change = ListenV1Configure(keyterms=terms)
            self._send(lambda: self._socket.talk.send_configure(change))
            if not await self._confirmation():
                return False
        elif old != new:
            return False
        self.settings = settings
        return True

    async def _ask_final(self) -> None:
        await self._socket.talk.send_finalize()

    async def _keep_alive(self) -> None:
        await self._socket.talk.send_keep_alive()

    def _take(self, message: Any) -> None:
        match getattr(message, "type", ""):
            case "Results":
                self._results(message)
            case "UtteranceEnd":  # where noise hides the silence that would have ended the turn
                self._turn_over(max([message.last_word_end, *(part.end for part in self._parts)]))
            case "ConfigureSuccess":
                self._confirm(done=True)
            case "ConfigureFailure":
                self._confirm(done=False)
            case _:
                pass

    def _results(self, message: Any) -> None:
        best = message.channel.alternatives[0]
        end = float(message.start) + float(message.duration)
        if not message.is_final:
            self._guess(best.transcript, end)
            return
        words = [(word.punctuated_word or word.word, float(word.start), float(word.end)) for word in best.words]
        languages = getattr(best, "languages", None)
        self._understood(
            Understood(
                best.transcript, float(message.start), end, words, best.confidence, languages[0] if languages else ""
            )
        )
        if self._waited_for and ((message.from_finalize and not self._late(end)) or self._covers(end)):
            self._final_given()
        elif message.speech_final:
            self._turn_over(end)


def _query(settings: RecogniserSettings) -> dict[str, Any]:
    """What a connection is asked for. The SDK spells True in a way that the service does not read."""
    silence = settings.endpointing_ms if settings.ends_turns_by == "silence" else None
    query: dict[str, Any] = {
        "model": settings.model,
        "language": settings.language,
        "encoding": "linear16",
        "sample_rate": RATE,
        "channels": 1,
        "interim_results": "true",
        "smart_format": "true",
        "endpointing": silence or "false",
    }
    if silence:
        query["utterance_end_ms"] = max(_SHORTEST_GAP_MS, silence)
    if settings.key_terms:
        query["keyterm"] = list(settings.key_terms)
    return query
