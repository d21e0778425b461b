"""Flux: whole turns, and a model that judges whether one is over."""

from typing import Any

from deepgram import AsyncDeepgramClient

from studio.providers.accounts import Account
from studio.providers.line_map import RATE
from studio.providers.recognition import Listener, RecogniserSettings, Remark
from studio.providers.socket_ear import Understood

from .connection import Socket
from .ear import DeepgramEar

_OTHERS = "flux-general-multi"
_IDLE = bytes(RATE // 10 * 2)
"""A tenth of a second of silence: the service has no word for "still there"."""
_RANGES = {"eot_threshold": (0.5, 0.9), "eager_eot_threshold": (0.3, 0.9), "eot_timeout_ms": (500, 10_000)}
_LATE_S = 0.25
"""A turn whose end lies so near to what was asked for is the one."""


async def open_flux(
    client: AsyncDeepgramClient, account: Account, settings: RecogniserSettings, listener: Listener
) -> "FluxEar":
    """Open an ear. Raises ProviderError."""
    query: dict[str, Any] = {"encoding": "linear16", "sample_rate": RATE, **_model(settings), **_thresholds(settings)}
    if settings.key_terms:
        query["keyterm"] = list(settings.key_terms)
    socket = await Socket.open(client.listen.v2.connect(**query), account, settings.model)
    ear = FluxEar(socket, account, settings, listener)
    ear.remarks = _clamps(settings)
    ear.begin()
    return ear


class FluxEar(DeepgramEar):
    """An open ear."""

    def __init__(self, socket: Socket[Any], account: Account, settings: RecogniserSettings, listener: Listener) -> None:
        super().__init__(socket, account, settings, listener)
        self.remarks: list[Remark] = []

    async def update(self, settings: RecogniserSettings) -> bool:
        """Other terms, hints and thresholds; not another model."""
        if _model(settings)["model"] != _model(self.settings)["model"] or _clamps(settings) != _clamps(self.settings):
            return False
        change: dict[str, Any] = {}
        if (thresholds := _thresholds(settings)) != _thresholds(self.settings):
            change["thresholds"] = thresholds
        if list(settings.key_terms) != list(self.settings.key_terms):
            change["keyterms"] = list(settings.key_terms)
        if (hints := _model(settings).get("language_hint", [])) != _model(self.settings).get("language_hint", []):
            change["language_hints"] = hints
        if change:
            self._send(lambda: self._socket.talk.send_configure({"type": "Configure", **change}))
            if not await self._confirmation():
                return False
        self.settings = settings
        return True

    async def _ask_final(self) -> None:
        await self._socket.talk.send_force_end_turn()

    async def _keep_alive(self) -> None:
        self._pad(len(_IDLE) // 2)
        await self._socket.talk.send_media(_IDLE)

    def _take(self, message: Any) -> None:
        match getattr(message, "type", ""):
            case "TurnInfo":
                self._turn(message)
            case "ConfigureSuccess":
                self._confirm(done=True)
            case "ConfigureFailure":
                self._confirm(done=False)
            case "Error":
                self._break(self._failed("dropped", str(message.description)))
            case _:
                pass

    def _turn(self, message: Any) -> None:
        end = float(message.audio_window_end)
        if message.event != "EndOfTurn":
            self._guess(message.transcript, end)
            if not message.transcript.strip() and self._covers(end):
                self._final_given()
            return
        words = [(word.word, float(word.start), float(word.end)) for word in message.words if word.start is not None]
        sure = [float(word.confidence) for word in message.words]
        languages = getattr(message, "languages", None)
        self._understood(
            Understood(
                message.transcript,
                float(message.audio_window_start),
                end,
                words if len(words) == len(message.words) else (),
                sum(sure) / len(sure) if sure else None,
                languages[0] if languages else "",
            )
        )
        if self._waited_for:
            if (getattr(message, "trigger", "") == "manual" and not self._late(end)) or self._covers(end + _LATE_S):
                self._final_given()
        else:
            self._turn_over(end)


def _model(settings: RecogniserSettings) -> dict[str, Any]:
    """The model that knows the language, and the hint of which it is."""
    tongue = settings.language.split("-")[0]
    if tongue == "multi":
        return {"model": _OTHERS}
    if tongue == "en" and settings.model != _OTHERS:
        return {"model": settings.model}
    return {"model": _OTHERS, "language_hint": [tongue]}


def _thresholds(settings: RecogniserSettings) -> dict[str, float]:
    """The settings that decide when a turn is over, as far as the service lets them go."""
    return {name: min(max(value, low), high) for name, value, low, high in _wanted(settings)}


def _clamps(settings: RecogniserSettings) -> list[Remark]:
    """What cannot be as it was set."""
    return [
        Remark(
            "recogniser_clamped",
            f"{name}={value:g} is beyond what Flux takes, {low:g} to {high:g}: {min(max(value, low), high):g} is used.",
            {"setting": name, "asked": value, "used": min(max(value, low), high)},
        )
        for name, value, low, high in _wanted(settings)
        if not low <= value <= high
    ]


def _wanted(settings: RecogniserSettings) -> list[tuple[str, float, float, float]]:
    return [
        (name, value, low, high)
        for name, (low, high) in _RANGES.items()
        if (value := getattr(settings, name)) is not None
    ]
