"""In which language a voice speaks: the same thirty Chirp voices exist in every language of the service."""

import re

_USUAL = {
    "ar": "ar-XA",
    "bg": "bg-BG",
    "bn": "bn-IN",
    "cmn": "cmn-CN",
    "cs": "cs-CZ",
    "da": "da-DK",
    "de": "de-DE",
    "el": "el-GR",
    "en": "en-US",
    "es": "es-ES",
    "et": "et-EE",
    "fi": "fi-FI",
    "fr": "fr-FR",
    "gu": "gu-IN",
    "he": "he-IL",
    "hi": "hi-IN",
    "hr": "hr-HR",
    "hu": "hu-HU",
    "id": "id-ID",
    "it": "it-IT",
    "ja": "ja-JP",
    "kn": "kn-IN",
    "ko": "ko-KR",
    "lt": "lt-LT",
    "lv": "lv-LV",
    "ml": "ml-IN",
    "mr": "mr-IN",
    "nb": "nb-NO",
    "nl": "nl-NL",
    "pa": "pa-IN",
    "pl": "pl-PL",
    "pt": "pt-BR",
    "ro": "ro-RO",
    "ru": "ru-RU",
    "sk": "sk-SK",
    "sl": "sl-SI",
    "sr": "sr-RS",
    "sv": "sv-SE",
    "sw": "sw-KE",
    "ta": "ta-IN",
    "te": "te-IN",
    "th": "th-TH",
    "tr": "tr-TR",
    "uk": "uk-UA",
    "ur": "ur-IN",
    "vi": "vi-VN",
    "yue": "yue-HK",
}
_OTHERWISE = {"zh": "cmn", "zh-hans": "cmn", "zh-hant": "cmn", "no": "nb", "iw": "he", "zh-hk": "yue", "zh-yue": "yue"}
_VOICE = re.compile(r"(?P<locale>[a-z]{2,3}-[A-Z]{2})-(?P<rest>Chirp3-HD-.+)")
NO_REQUEST = ("", "en")
"""Languages that ask for nothing: "en" is what the SDK sends when an agent names none."""


def voice_for(voice: str, language: str) -> str:
    """The id of the voice in a language: `en-US-Chirp3-HD-Kore` and `de` make `de-DE-Chirp3-HD-Kore`."""
    parts = _VOICE.fullmatch(voice)
    if language in NO_REQUEST or parts is None:
        return voice
    return f"{_locale(language)}-{parts['rest']}"


def locale_of(voice: str) -> str:
    """The language code that the service wants beside the id; the first two parts of it."""
    return "-".join(voice.split("-")[:2])


def _locale(language: str) -> str:
    tag = language.replace("_", "-").lower()
    tag = _OTHERWISE.get(tag, tag)
    short, _, region = tag.partition("-")
    short = _OTHERWISE.get(short, short)
    return f"{short}-{region.upper()}" if region else _USUAL.get(short, short)
