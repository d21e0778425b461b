"""ink-2 by turns: its own model judges whether the caller has ended."""

from typing import Any

from cartesia import AsyncCartesia

from studio.providers.accounts import Account
from studio.providers.line_map import RATE
from studio.providers.recognition import Listener, RecogniserSettings
from studio.providers.socket_ear import Understood

from .connection import socket_options
from .ink_socket import InkSocket, InkSocketEar
from .key_terms import terms_of

_GAP = 0.05
"""How far apart the thresholds are kept: the service wants them in order."""
_MARGIN_MS = 300


async def open_ink_turns(
    client: AsyncCartesia, account: Account, settings: RecogniserSettings, listener: Listener, model: str
) -> "InkTurnsEar":
    """Open an ear. Raises ProviderError."""
    manager = client.stt.auto_finalize.websocket(
        **_query(settings, model),
        websocket_connection_options=socket_options(account),
    )
    ear = InkTurnsEar(await InkSocket.open(manager, account, model), account, settings, listener)
    ear.begin()
    return ear


class InkTurnsEar(InkSocketEar):
    """An open ear."""

    _in_turn = False
    _over_it = False
    """The turn was given back before its end: nothing that still comes of it counts."""

    async def update(self, settings: RecogniserSettings) -> bool:
        """Other thresholds; for another language, other terms and another way to end turns it takes another ear."""
        old = self.settings
        if (settings.model, settings.language, settings.ends_turns_by) != (old.model, old.language, old.ends_turns_by):
            return False
        if terms_of(settings) != terms_of(old):
            return False
        if (turn := _turn(settings)) != _turn(old):
            self._send(lambda: self._socket.talk.send({"type": "config", "turn": turn}))
        self.settings = settings
        return True

    async def _ask_final(self) -> None:
        """The service cannot be asked; but silence of the longest kind ends every turn, and need not last its time."""
        samples = (round(_turn(self.settings)["end_timeout_ms"]) + _MARGIN_MS) * RATE // 1000
        await self._send_silence(bytes(2 * samples))

    def _take(self, message: Any) -> None:
        now = self._now_s
        match getattr(message, "type", ""):
            case "turn.start":
                self._in_turn = True
            case "turn.update" | "turn.eager_end" if not self._over_it:
                self._guess(message.transcript, now)
            case "turn.end":
                over_it, self._over_it, self._in_turn = self._over_it, False, False
                if over_it:
                    return
                self._understood(Understood(message.transcript, self._given_s, now))
                if self._waited_for:
                    self._final_given()
                else:
                    self._turn_over(now)
            case "error":
                self._break(self._failed("dropped", str(message.message)))
            case _:
                pass

    def _final_given(self) -> None:
        self._over_it = self._in_turn
        super()._final_given()


def _query(settings: RecogniserSettings, model: str) -> dict[str, Any]:
    turn = {f"turn_{name}": value for name, value in _turn(settings).items()}
    return {"model": model, "encoding": "pcm_s16le", "sample_rate": RATE, **terms_of(settings), **turn}


def _turn(settings: RecogniserSettings) -> dict[str, float]:
    """When a turn is over, in the service's words: it asks how likely the caller is to go on, and we how likely not to."""
    end = min(0.5, max(0.05, round(1 - settings.eot_threshold, 3)))
    eager = 0.4 if settings.eager_eot_threshold is None else round(1 - settings.eager_eot_threshold, 3)
    return {
        "end_threshold": end,
        "eager_end_threshold": min(0.6, max(0.3, eager, end + _GAP)),
        "end_timeout_ms": min(11_200, max(640, settings.eot_timeout_ms)),
    }
