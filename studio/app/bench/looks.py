"""How the bench shows providers and figures: the same colour and the same words in every part of it."""

_TOKENS = {
    "openai": "agent",
    "google": "caller",
    "azure": "handler",
    "cartesia": "speech",
    "voicerun": "voice",
    "local": "turn",
}

NO_SPEED = "no speed control: plays at 1.0× whatever the agent asks"


def provider_token(provider: str) -> str:
    """The colour of a provider's clips; those of other plugins share one."""
    return _TOKENS.get(provider, "agent")


def times(speed: float) -> str:
    """A speed as it heads a column: `1.0×`, `0.75×`."""
    return f"{speed:.1f}×" if round(speed, 1) == speed else f"{speed:g}×"


def milliseconds(value: float | None) -> str:
    """`112 ms`, `2,100 ms`, `12.4 s`, or a dash for what was not measured."""
    if value is None:
        return "–"
    return f"{value:,.0f} ms" if value < 10_000 else f"{value / 1000:.1f} s"
