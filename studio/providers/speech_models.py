"""With which of its models a provider speaks a line."""

from collections.abc import Sequence
from datetime import date

from studio.providers.manifests import Model, Provider, Speech, SpeechModel
from studio.providers.speakers import Note


def has_ended(model: Model, today: date) -> bool:
    """Whether a model's time is over, and another one is named for it."""
    return bool(model.successor) and model.until is not None and today >= model.until


def usual_model(speech: Speech, today: date) -> str:
    """The name of the model that speaks where none is asked for; "" where there is none to choose."""
    first = next(iter(speech.models), None)
    return _of_today(first, today).name if first else ""


def model_for(provider: Provider, wanted: str, voice: str, today: date) -> tuple[str, list[Note]]:
    """The name of the model that speaks where `wanted` is asked for ("": none), and what there is to say about it.

    Dated snapshots (`NAME-2025-03-20`) count as their model. `voice` is the key of the voice, for the notes.
    """
    models = provider.speech.models if provider.speech else ()
    model, name = _known(wanted, models), wanted
    facts = {"voice": voice, "asked": wanted}
    notes: list[Note] = []
    if wanted and model is None:
        usual = f"{models[0].name} is used" if models else "it is ignored"
        sentence = f"{provider.title} has no speech model '{wanted}' that the studio knows: {usual}."
        notes.append(Note("unknown_model", sentence, facts | {"known": [model.name for model in models]}))
    if model is None:
        if not models:
            return "", notes
        model, name = models[0], models[0].name
    if (follows := _of_today(model, today)) is not model:
        if wanted:  # the usual model is whichever is: nobody asked for the one that ended
            sentence = f"{provider.title} ended {name} on {model.until}: {follows.name} is used."
            facts |= {"model": name, "successor": follows.name, "ended": str(model.until)}
            notes.append(Note("model_ended", sentence, facts))
        name = follows.name
    return name, notes


def has_model(speech: Speech, name: str) -> bool:
    """Whether a model goes by that name, or has a successor that does."""
    return any(name in (model.name, model.successor) for model in speech.models)


def _known(name: str, models: Sequence[SpeechModel]) -> SpeechModel | None:
    exact = [model for model in models if name == model.name]
    return next(iter(exact or [model for model in models if name.startswith(f"{model.name}-")]), None)


def _of_today(model: SpeechModel, today: date) -> SpeechModel:
    """The model, or its successor from the day on which its own time is over."""
    return SpeechModel(model.successor) if has_ended(model, today) else model
