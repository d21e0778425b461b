"""What a provider can do, in words. Knows no Qt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit

from studio.providers.manifests import Model, Provider, Recognition, Speech, Voice

_SOON_DAYS = 120
_SOME = 8
_ENDS = {"silence": "by silence", "semantic": "by what is said", "model": "by its own model"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A label and what stands beside it; `token` is its colour."""

    label: str
    value: str
    token: str = "text"


def day(date: date) -> str:
    """A day as a person writes it, e.g. 6 Jan 2027."""
    return f"{date.day} {date:%b %Y}"


def facts_of(
    plugin: Provider, voices: Sequence[Voice], settings: Mapping[str, str], today: date
) -> dict[str, list[Fact]]:
    """By heading: how it speaks, how it listens, whom it asks. `voices` are all that it has."""
    facts: dict[str, list[Fact]] = {}
    if plugin.speech:
        facts["Speaks"] = [*_speech(plugin.speech), _languages(voices)]
        facts["Speaks"] += [_model(model, today) for model in plugin.speech.models]
    if plugin.recognition:
        facts["Listens"] = _recognition(plugin.recognition, today)
    facts["Asks"] = [Fact("Hosts", *hosts_of(plugin, settings))]
    if plugin.engine:
        facts["Asks"].append(Fact("Engine", plugin.engine))
    return facts


def hosts_of(plugin: Provider, settings: Mapping[str, str]) -> tuple[str, str]:
    """Which hosts the plugin may contact, and the colour of that."""
    if not plugin.hosts:
        return "none: it runs on this computer", "caller"
    url = settings.get("url", "")
    host = urlsplit(url if "://" in url else f"//{url}").hostname or ""
    usual = ", ".join(plugin.hosts)
    if host and not any(host == known or host.endswith(f".{known}") for known in plugin.hosts):
        return f"{host}, which you have set in place of {usual}", "warning"
    return host if host else usual, "text"


def _speech(speech: Speech) -> list[Fact]:
    can = [
        word
        for word, on in (
            ("streams", speech.streaming),
            ("word times", speech.word_times),
            ("takes instructions", speech.instructions),
        )
        if on
    ]
    if speech.speed:
        speed = f"{speech.speed[0]:g}× to {speech.speed[1]:g}×"
    else:
        speed = "none: every line plays at 1×"
        if speech.service_speed:
            low, high = speech.service_speed
            speed += f" (the service itself: {low:g}× to {high:g}×)"
    return [Fact("Abilities", ", ".join(can) or "whole lines only", "text"), Fact("Speed", speed)]


def _languages(voices: Sequence[Voice]) -> Fact:
    tags = list(dict.fromkeys(voice.language for voice in voices))
    if "multi" in tags:
        return Fact("Languages", "any: its voices speak all of them")
    more = f" and {len(tags) - _SOME} more" if len(tags) > _SOME else ""
    return Fact("Languages", ", ".join(tags[:_SOME]) + more if tags else "none known")


def _model(model: Model, today: date) -> Fact:
    if model.until is None:
        return Fact("Model", model.name)
    heir = f", then {model.successor}" if model.successor else ""
    if today >= model.until:
        return Fact("Model", f"{model.name} · ended {day(model.until)}{heir}", "dim")
    token = "warning" if (model.until - today).days <= _SOON_DAYS else "text"
    return Fact("Model", f"{model.name} · until {day(model.until)}{heir}", token)


def _recognition(recognition: Recognition, today: date) -> list[Fact]:
    some = ", ".join(recognition.languages)
    languages = "many, and several at once" if "multi" in recognition.languages else some
    facts = [Fact("Languages", languages)]
    for model in recognition.models:
        can = recognition.abilities_of(model.name)
        words = [
            f"ends turns {' or '.join(_ENDS.get(way, way) for way in sorted(can.ends_turns))}" if can.ends_turns else ""
        ]
        words += ["word times" if can.word_times else "", "noise reduction" if can.noise_reduction else ""]
        words.append({"terms": "takes terms", "prompt": "takes a prompt"}.get(can.prompt, ""))
        fact = _model(model, today)
        facts.append(replace(fact, value=" · ".join([fact.value, *filter(None, words)])))
    return facts
