"""The lines that the agent speaks: how long each was heard, and what a service was asked for it."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from studio.sessions.records import AGENT_RATE, STT_FINAL, Record
from tests.conformance.examples.stage import Performance
from tests.stand_ins.stand_in import Asked


@dataclass(frozen=True)
class Spoken:
    """A line, and everybody who was asked to speak it: the last one does."""

    text: str
    voice: str
    """Provider and name."""
    speed: float
    samples: int
    """How many were heard."""
    cached: bool
    requests: Sequence[tuple[str, Asked]]
    """Providers, and what they were asked."""

    @property
    def seconds(self) -> float:
        """How long it was heard."""
        return self.samples / AGENT_RATE


def lines(performance: Performance) -> list[Spoken]:
    """All lines, in order. Raises LookupError where requests and lines do not belong to each other."""
    left = deque(performance.services.lines if performance.services else ())
    records = performance.records
    began = {record.id: record.data["sample"] for record in records if record.event == "play_started"}
    heard = {r.id: r for r in records if r.event in ("play_ended", "play_cut") and r.data.get("item") == "speech"}
    texts = {record.id: record.data["text"] for record in records if record.event == "speech_requested"}
    found: list[Spoken] = []
    for record in records:
        if record.event == "speech_ready" and record.id in heard:
            asked = [
                _next(left, part["provider"], texts[record.id])
                for part in record.data.get("parts", [record.data])
                if performance.services and part["provider"] != "local" and part["cache"] != "hit"
            ]
            samples = heard[record.id].data["sample"] - began[record.id]
            voice = f"{record.data['provider']}:{record.data['voice']}"
            speed, cached = record.data["speed"], record.data["cache"] == "hit"
            found.append(Spoken(texts[record.id], voice, speed, samples, cached, asked))
    if left:
        raise LookupError(f"asked for no line that was heard: {left}")
    return found


def _next(left: deque[tuple[str, Asked]], provider: str, text: str) -> tuple[str, Asked]:
    """The next request: it must be that provider's, for that text."""
    if not left or left[0][0] != provider or left[0][1].text != text:
        raise LookupError(f"{provider} was not asked next for “{text}”, but: {left}")
    return left.popleft()


def hearers(records: Sequence[Record]) -> list[str]:
    """The providers that understood what the caller said aloud."""
    return list(dict.fromkeys(r.data["provider"] for r in records if r.topic == STT_FINAL and r.data["text"]))
