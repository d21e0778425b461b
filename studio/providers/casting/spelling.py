"""How an agent names a voice so that exactly this one speaks."""

from collections.abc import Iterable, Mapping, Sequence

from studio.providers.catalogue import Catalogue
from studio.providers.manifests import Voice


def spelt(catalogue: Catalogue, voice: Voice) -> str | dict[str, str]:
    """The bare name where it means this voice and no other, else `{"provider": ..., "identifier": ...}`."""
    namesakes = [other for other in catalogue.voices if voice.name in (other.name, *other.aliases)]
    if namesakes == [voice]:
        return voice.name
    provider = catalogue.providers[voice.provider]
    return {"provider": next(iter(provider.aliases), provider.name), "identifier": voice.id or voice.name}


def namesakes(voices: Iterable[Voice]) -> Mapping[str, Sequence[Voice]]:
    """Voices by their names: a name may be had by several providers."""
    named: dict[str, list[Voice]] = {}
    for voice in voices:
        named.setdefault(voice.name, []).append(voice)
    return named
