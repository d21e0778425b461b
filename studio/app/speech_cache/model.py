"""The kept lines as a table shows them. Knows no widget."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.app.call.model import CallModel, Spawn
from studio.app.observable import Changed
from studio.providers.manifests import load_providers
from studio.units import size, span


@dataclass(frozen=True, slots=True)
class KeptLine:
    """One spoken line. Times are in seconds, `size` in bytes."""

    id: str
    text: str
    voice: str
    provider: str
    speed: float
    seconds: float
    age_s: float
    left_s: float
    size: int
    hits: int

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "KeptLine":
        """From a row of the engine's answer."""
        provider = load_providers().get(str(row["provider"]))
        return cls(
            id=str(row["id"]),
            text=" ".join(str(row["text"]).split()),
            voice=str(row["name"] or row["voice"]),
            provider=provider.title if provider else str(row["provider"]),
            speed=float(row["speed"]),
            seconds=float(row["seconds"]),
            age_s=float(row["age_s"]),
            left_s=float(row["left_s"]),
            size=int(row["size"]),
            hits=int(row["hits"]),
        )


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its heading, what a cell says, and what it is sorted by."""

    title: str
    word: Callable[[KeptLine], str]
    key: Callable[[KeptLine], Any]
    number: bool = True


COLUMNS = (
    Column("Line", lambda line: line.text, lambda line: line.text.casefold(), number=False),
    Column("Voice", lambda line: line.voice, lambda line: line.voice.casefold(), number=False),
    Column("Provider", lambda line: line.provider, lambda line: line.provider.casefold(), number=False),
    Column("Speed", lambda line: f"{line.speed:g}×", lambda line: line.speed),
    Column("Length", lambda line: f"{line.seconds:.1f} s", lambda line: line.seconds),
    Column("Age", lambda line: span(line.age_s), lambda line: line.age_s),
    Column("Left", lambda line: span(line.left_s), lambda line: line.left_s),
    Column("Size", lambda line: size(line.size), lambda line: line.size),
    Column("Hits", lambda line: str(line.hits), lambda line: line.hits),
)
AGE = 5


class SpeechCacheModel:
    """Lines that match the search, in the chosen order; `changed` tells of others."""

    def __init__(self, call: CallModel, spawn: Spawn) -> None:
        self._call = call
        self._spawn = spawn
        self._all: list[KeptLine] = []
        self.query = ""
        self.column, self.falling = AGE, False
        self.rows: Sequence[KeptLine] = ()
        self.problem = ""
        """Why the last thing asked for was not done."""
        self.known = False
        """Whether the engine has said what there is."""
        self.changed = Changed()
        self.call_changed = call.changed
        """Tells that `why_silent` may be another."""
        self.call_ended = call.sessions_changed
        """Tells that there may be other lines."""

    @property
    def count(self) -> int:
        """How many lines are kept."""
        return len(self._all)

    @property
    def bytes(self) -> int:
        """How much they take."""
        return sum(line.size for line in self._all)

    @property
    def why_silent(self) -> str:
        """Why nothing can be played now; "" where it can."""
        if self._call.phase == "off":
            return "The engine does not run. Restart it from the bar of the main window."
        return "A call is on. End it to hear kept lines." if self._call.running else ""

    def load(self) -> None:
        """Ask what there is."""
        self._ask("look at the speech cache", self._load)

    def search(self, query: str) -> None:
        """Show lines whose text, voice or provider holds every word."""
        self.query = query
        self._arrange()

    def sort(self, column: int) -> None:
        """Order by a column; the same one again turns the order round."""
        self.falling = not self.falling if column == self.column else False
        self.column = column
        self._arrange()

    def play(self, line: KeptLine) -> None:
        """Have a line played."""

        async def play() -> None:
            clip = await self._call.ask("kept_clip", id=line.id)
            await self._call.ask("play", pcm=clip["pcm"], rate=clip["rate"])

        self._ask("play a kept line", play)

    def of_voice(self, line: KeptLine) -> list[KeptLine]:
        """All lines of the same voice."""
        return [other for other in self._all if (other.provider, other.voice) == (line.provider, line.voice)]

    def remove(self, lines: Sequence[KeptLine] | None) -> None:
        """Remove these lines, or all."""

        async def remove() -> None:
            await self._call.ask("remove_speech", ids=None if lines is None else [line.id for line in lines])
            await self._load()

        self._ask("remove kept lines", remove)

    async def _load(self) -> None:
        answer = await self._call.ask("kept_speech")
        self._all = [KeptLine.of(row) for row in answer["clips"]]
        self.known = True

    def _ask(self, what: str, work: Callable[[], Any]) -> None:
        async def asked() -> None:
            self.problem = ""
            try:
                await work()
            except Exception as error:
                self.problem = str(error)
            self._arrange()

        self._spawn(asked(), what)

    def _arrange(self) -> None:
        words = self.query.casefold().split()

        def fits(line: KeptLine) -> bool:
            text = f"{line.text} {line.voice} {line.provider}".casefold()
            return all(word in text for word in words)

        key = COLUMNS[self.column].key
        self.rows = sorted(filter(fits, self._all), key=key, reverse=self.falling)
        self.changed()
