"""Which of several voices is the nearest to one: its language first, then its gender."""

from collections.abc import Sequence

from studio.providers.manifests import Voice

_USUAL = {"en": "en-US", "es": "es-ES", "pt": "pt-PT", "zh": "zh-CN", "fr": "fr-FR", "de": "de-DE"}
_SAME = {"cmn": "zh", "nb": "nb", "no": "nb"}


def nearest(voices: Sequence[Voice], like: Voice, language: str = "") -> Voice | None:
    """The voice to stand in for another one, in `language` or else its own; None where there are no voices."""
    own = "en-US" if like.language == "multi" else like.language
    wanted = full_tag(language or own)
    short = wanted.split("-")[0]

    def distance(other: Voice) -> tuple[bool, bool, bool]:
        any_language = other.language == "multi"
        return (
            not any_language and other.language.split("-")[0] != short,
            not any_language and other.language not in (wanted, _USUAL.get(short, wanted)),
            bool(like.gender) and other.gender != like.gender,
        )

    exact = [other for other in voices if other.language == wanted]
    return min(exact or voices, key=distance, default=None)


def full_tag(language: str) -> str:
    """A tag as the local voices write it: `zh` and `cmn-CN` are `zh-CN`."""
    short, _, region = language.partition("-")
    short = _SAME.get(short, short)
    if not region:
        return _USUAL.get(short, short)
    return "zh-CN" if (short, region) == ("zh", "TW") else f"{short}-{region}"
