"""Things of the agent's as sentences name them. Its own `__str__` and classes may be faulty: nothing here raises."""

_LONGEST = 16_384


def text_of(value: object) -> str:
    """`str(value)`, of bearable length; what is wrong with its `__str__` where that fails."""
    try:
        text = str(value)
    except BaseException as error:
        return f"(no text: its __str__ raises {type(error).__name__})"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def kind_of(value: object) -> str:
    """What a value is: "None", "an int", "a TextToSpeechEvent", "the class StopEvent"."""
    if value is None:
        return "None"
    if isinstance(value, type):
        return f"the class {value.__name__}"
    name = type(value).__name__
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"
