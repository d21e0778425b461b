"""Which voices there are, which of them match, and what an audition asks for. Knows no widget."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.app.observable import Changed
from studio.providers.catalogue import Catalogue
from studio.providers.manifests import Voice

SPEEDS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 4.0)
"""The speeds that the reference names."""
SAMPLE = "Good morning, this is the front desk. How can I help you?"

_LANGUAGES = {"English": "en", "Mandarin": "zh", "Spanish": "es", "German": "de", "French": "fr"}


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """One voice as the list shows it. `reason` says why it is not itself that speaks; "" where it is.

    `has_speed` is False where a speed has no effect.
    """

    voice: Voice
    provider: str
    reason: str
    stand_in: str
    has_speed: bool

    @property
    def facts(self) -> str:
        """Language and character."""
        language = "any language" if self.voice.language == "multi" else self.voice.language
        return " · ".join(part for part in (self.voice.description, language) if part)


class VoicesModel:
    """Rows that match a search and the chips that are lit; `changed` tells of another list."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._all = [_row(catalogue, voice) for voice in catalogue.voices]
        self.providers = [provider.title for provider in catalogue.providers.values() if provider.voices]
        self.query = ""
        self.lit: set[str] = set()
        self.rows: Sequence[VoiceRow] = self._all
        self.changed = Changed()

    @property
    def chips(self) -> list[str]:
        """Filters: what can speak itself, languages, genders, providers."""
        return ["Speaks here", *_LANGUAGES, "Female", "Male", *self.providers]

    def search(self, query: str) -> None:
        """Show voices whose name, provider or description holds every word."""
        self.query = query
        self._filter()

    def light(self, chip: str, on: bool) -> None:
        """Switch a filter. Chips of one kind widen the list, chips of different kinds narrow it."""
        (self.lit.add if on else self.lit.discard)(chip)
        self._filter()

    def _filter(self) -> None:
        words = self.query.casefold().split()
        languages = {code for name, code in _LANGUAGES.items() if name in self.lit}
        genders = {chip.lower() for chip in ("Female", "Male") if chip in self.lit}
        providers = {title for title in self.providers if title in self.lit}

        def fits(row: VoiceRow) -> bool:
            voice = row.voice
            text = f"{voice.name} {row.provider} {voice.description} {voice.language} {voice.gender}".casefold()
            return (
                all(word in text for word in words)
                and (not languages or voice.language == "multi" or voice.language.split("-")[0] in languages)
                and (not genders or voice.gender in genders)
                and (not providers or row.provider in providers)
                and ("Speaks here" not in self.lit or not row.reason)
            )

        self.rows = [row for row in self._all if fits(row)]
        self.changed()


def _row(catalogue: Catalogue, voice: Voice) -> VoiceRow:
    role = catalogue.role(voice)
    provider = catalogue.providers[voice.provider]
    return VoiceRow(
        voice,
        provider.title,
        role.why,
        "" if role.itself else role.speaks.name,
        provider.speech is not None and provider.speech.speed is not None,
    )
