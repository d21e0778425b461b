"""Terms by which ink is biased."""

from studio.providers.recognition import RecogniserSettings

_MOST = 100
_MOST_CHARACTERS = 1200


def terms_of(settings: RecogniserSettings) -> dict[str, list[str]]:
    """The parameter of a socket that names them: as many as the service takes, the first ones first."""
    terms: list[str] = []
    room = _MOST_CHARACTERS
    for term in settings.key_terms[:_MOST]:
        room -= len(term)
        if room < 0:
            break
        terms.append(term)
    return {"keyterm": terms} if terms else {}
