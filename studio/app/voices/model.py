"""Which voices there are, what each can do, and which of them match. Knows no widget."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from studio.app.observable import Changed
from studio.app.voices.shelf import VoiceShelf
from studio.providers.casting.spelling import namesakes
from studio.providers.catalogue import Catalogue
from studio.providers.manifests import Speech, Voice

PLAYABLE, FAVOURITES = "Playable", "Favourites"

_LANGUAGES = {"English": "en", "Mandarin": "zh", "Spanish": "es", "German": "de", "French": "fr"}
_GENDERS = ("Female", "Male")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EXAMPLES = {
    "en": "Good morning, this is the front desk. How can I help you?",
    "zh": "早上好，这里是前台。请问有什么可以帮您？",
    "es": "Buenos días, le atiende la recepción. ¿En qué puedo ayudarle?",
    "de": "Guten Morgen, hier ist der Empfang. Wie kann ich Ihnen helfen?",
    "fr": "Bonjour, vous êtes à la réception. Comment puis-je vous aider ?",
    "it": "Buongiorno, qui è la reception. Come posso aiutarla?",
    "pt": "Bom dia, fala da receção. Em que posso ajudar?",
    "nl": "Goedemorgen, u spreekt met de receptie. Waarmee kan ik u helpen?",
    "ja": "おはようございます、フロントでございます。ご用件をお伺いします。",
    "ko": "안녕하세요, 안내 데스크입니다. 무엇을 도와드릴까요?",
    "hi": "सुप्रभात, यह स्वागत कक्ष है। मैं आपकी कैसे मदद कर सकता हूँ?",
}


def example_text(voice: Voice) -> str:
    """What a voice says as its example: a greeting in its own language."""
    return _EXAMPLES.get(voice.language.split("-")[0], _EXAMPLES["en"])


def day(when: date) -> str:
    """A date as it is read: 6 Jan 2027."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """One voice as the list shows it.

    `reason` says why it is not itself that speaks, "" where it is, and `stand_in` who does then. `also_at` are titles of
    other providers with a voice of this name. `example` tells whether it can be heard without its service.
    """

    voice: Voice
    provider: str
    speech: Speech
    reason: str
    stand_in: str
    key_missing: bool
    key: str
    """What there is to say of the provider's key; "" while that is not known."""
    also_at: tuple[str, ...]
    ends: date | None
    favourite: bool
    note: str
    example: bool

    @property
    def facts(self) -> str:
        """Character, language and one ability that not all have."""
        word_times = "word times" if self.speech.word_times and self.voice.provider != "local" else ""
        return " · ".join(part for part in (self.voice.description, self.language, word_times) if part)

    @property
    def language(self) -> str:
        """The voice's language, in words where it has none of its own."""
        return "any language" if self.voice.language == "multi" else self.voice.language

    @property
    def remark(self) -> str:
        """The most important thing to know before it is chosen; "" for nothing."""
        if self.ends:
            return f"until {day(self.ends)}"
        if self.reason:
            return "stand-in"
        return f"also at {' and '.join(self.also_at)}" if self.also_at else ""

    @property
    def warns(self) -> bool:
        """Whether the remark is a warning."""
        return bool(self.ends or self.reason)

    @property
    def abilities(self) -> str:
        """What it can do, as a line."""
        limits = self.speech.speed
        can = (
            f"speed {limits[0]:g} to {limits[1]:g}" if limits else "no speed control",
            "instructions" if self.speech.instructions else "",
            "streaming" if self.speech.streaming else "",
            "word times" if self.speech.word_times else "",
        )
        return " · ".join(part for part in can if part)


_CAPABILITIES = {
    "Speed": lambda speech: speech.speed is not None,
    "Instructions": lambda speech: speech.instructions,
    "Streaming": lambda speech: speech.streaming,
    "Word times": lambda speech: speech.word_times,
}


class VoicesModel:
    """Rows that match a search and the chips that are lit; `changed` tells of another list."""

    def __init__(self, catalogue: Catalogue, shelf: VoiceShelf | None = None) -> None:
        self.catalogue = catalogue
        self.shelf = shelf or VoiceShelf()
        self.query = ""
        self.lit: set[str] = set()
        self.changed = Changed()
        self._examples: frozenset[str] = frozenset()
        self._all: list[VoiceRow] = []
        self.rows: Sequence[VoiceRow] = ()
        self.shelf.changed.connect(self.refresh)
        self.refresh()

    @property
    def providers(self) -> list[str]:
        """Titles of those that have voices."""
        return [provider.title for provider in self.catalogue.providers.values() if provider.voices]

    @property
    def chips(self) -> list[str]:
        """Filters, the most used first."""
        common, *others = _LANGUAGES
        return [PLAYABLE, FAVOURITES, common, *_GENDERS, *self.providers, *others, *_CAPABILITIES]

    def refresh(self) -> None:
        """Look again who can speak, and what the person keeps of voices."""
        voices = self.catalogue.voices
        named = namesakes(voices)
        self._all = [self._row(voice, named[voice.name]) for voice in voices]
        self._filter()

    def row(self, key: str) -> VoiceRow | None:
        """The voice of that key, whether it matches or not."""
        return next((row for row in self._all if row.voice.key == key), None)

    def know_examples(self, keys: Iterable[str]) -> None:
        """These voices can be heard without their services."""
        if (known := frozenset(keys)) != self._examples:
            self._examples = known
            self.refresh()

    def search(self, query: str) -> None:
        """Show voices whose name, provider, description or note holds every word."""
        self.query = query
        self._filter()

    def light(self, chip: str, on: bool) -> None:
        """Switch a filter. Chips of one kind widen the list, chips of different kinds narrow it."""
        (self.lit.add if on else self.lit.discard)(chip)
        self._filter()

    def _filter(self) -> None:
        words = self.query.casefold().split()
        languages = {code for name, code in _LANGUAGES.items() if name in self.lit}
        genders = {chip.lower() for chip in _GENDERS if chip in self.lit}
        providers = {title for title in self.providers if title in self.lit}
        capabilities = [can for name, can in _CAPABILITIES.items() if name in self.lit]

        def fits(row: VoiceRow) -> bool:
            voice = row.voice
            text = f"{voice.name} {row.provider} {row.facts} {voice.gender} {row.note}".casefold()
            return (
                all(word in text for word in words)
                and (not languages or voice.language == "multi" or voice.language.split("-")[0] in languages)
                and (not genders or voice.gender in genders)
                and (not providers or row.provider in providers)
                and all(can(row.speech) for can in capabilities)
                and (PLAYABLE not in self.lit or not row.reason or row.example)
                and (FAVOURITES not in self.lit or row.favourite)
            )

        self.rows = [row for row in self._all if fits(row)]
        self.changed()

    def _row(self, voice: Voice, same_name: Sequence[Voice]) -> VoiceRow:
        provider = self.catalogue.providers[voice.provider]
        role, missing = self.catalogue.role(voice), self.catalogue.accounts.missing(provider)
        if not provider.key:
            key = "needs no key"
        elif missing:
            key = missing
        else:
            key = f"a key for {provider.title} is there" if self.catalogue.accounts.known else ""
        return VoiceRow(
            voice,
            provider.title,
            provider.speech or Speech(),
            role.why,
            "" if role.itself else role.speaks.name,
            self.catalogue.accounts.wants_key(provider),
            key,
            tuple(
                self.catalogue.providers[other.provider].title
                for other in same_name
                if other.provider != voice.provider
            ),
            self.catalogue.ends(voice),
            voice.key in self.shelf.favourites,
            self.shelf.notes.get(voice.key, ""),
            voice.key in self._examples,
        )
