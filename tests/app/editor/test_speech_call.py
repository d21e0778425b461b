"""A voice is written into a handler's source, and what is not concerned stays as it is."""

import ast

import pytest

from studio.app.editor.speech_call import CannotWriteError, Delivery, SpokenLine, spoken_lines, write

NOVA = Delivery("nova", 1.25)
LUKE = Delivery({"provider": "cartesia", "identifier": "7b2c"}, 1.0)


def written(marked: str, delivery: Delivery = NOVA, said: str = "Hello.") -> str:
    """The text after the edit; `|` marks the cursor."""
    text = marked.replace("|", "")
    cursor = len(marked[: marked.index("|")].encode("utf-16-le")) // 2
    units = text.encode("utf-16-le")
    for edit in reversed(write(text, cursor, said, delivery).edits):
        units = units[: 2 * edit.start] + edit.text.encode("utf-16-le") + units[2 * edit.end :]
    return units.decode("utf-16-le")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f(|)", 'f(TextToSpeechEvent(text="Hello.", voice="nova", speed=1.25))'),
        ("x = |", 'x = TextToSpeechEvent(text="Hello.", voice="nova", speed=1.25)'),
        (
            "async def handler(event, context):\n    |\n",
            'async def handler(event, context):\n    yield TextToSpeechEvent(text="Hello.", voice="nova", speed=1.25)\n',
        ),
        (
            "async def handler(event, context):\n    if event:\n        x()\n        |",
            "async def handler(event, context):\n    if event:\n        x()\n"
            '        yield TextToSpeechEvent(text="Hello.", voice="nova", speed=1.25)',
        ),
        (
            "def f():\n    return [\n        |\n    ]",
            'def f():\n    return [\n        TextToSpeechEvent(text="Hello.", voice="nova", speed=1.25)\n    ]',
        ),
        ("s = '😀'\nf(|)", 's = \'😀\'\nf(TextToSpeechEvent(text="Hello.", voice="nova", speed=1.25))'),
    ],
)
def test_without_a_call_under_the_cursor_an_event_is_inserted(before: str, after: str) -> None:
    assert written(before) == after


def test_what_is_usual_is_left_out_and_instructions_are_written() -> None:
    delivery = Delivery("nova", 1.0, 'say "hi"\nwarmly')
    inserted = written("x = |", delivery)
    assert inserted == 'x = TextToSpeechEvent(text="Hello.", voice="nova", instructions="say \\"hi\\"\\nwarmly")'
    assert written("x = |", LUKE).endswith('voice={"provider": "cartesia", "identifier": "7b2c"})')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('yield TextToSpeechEvent("Hi|")', 'yield TextToSpeechEvent("Hi", voice="nova", speed=1.25)'),
        ('yield TextToSpeechEvent("Hi", "kore")|', 'yield TextToSpeechEvent("Hi", "nova", speed=1.25)'),
        ('yi|eld TextToSpeechEvent("Hi")  # greet', 'yield TextToSpeechEvent("Hi", voice="nova", speed=1.25)  # greet'),
        (
            'e.TextToSpeechEvent(text="Hi|", voice=VOICE, speed=slow(2), cache=False)',
            'e.TextToSpeechEvent(text="Hi", voice="nova", speed=1.25, cache=False)',
        ),
        ("TextToSpeechEvent(|)", 'TextToSpeechEvent(voice="nova", speed=1.25)'),
        (
            'TextToSpeechEvent("a", "b", True, None, "soft", 2)|',
            'TextToSpeechEvent("a", "nova", True, None, "", 1.25)',
        ),
        (
            'TextToSpeechEvent(\n    text="Hi|",  # hello\n    interruptible=False,  # whole\n)',
            'TextToSpeechEvent(\n    text="Hi",  # hello\n    interruptible=False,\n    voice="nova",\n    speed=1.25,  # whole\n)',
        ),
        (
            'TextToSpeechEvent(\n    text="Hi|",\n    cache=False\n)',
            'TextToSpeechEvent(\n    text="Hi",\n    cache=False,\n    voice="nova",\n    speed=1.25\n)',
        ),
        (
            'TextToSpeechEvent(text="é😀", voi|ce="x", speed=1)',
            'TextToSpeechEvent(text="é😀", voice="nova", speed=1.25)',
        ),
        (
            'TextToSpeechEvent(pick(TextToSpeechEvent("in|ner")), "x")',
            'TextToSpeechEvent(pick(TextToSpeechEvent("inner", voice="nova", speed=1.25)), "x")',
        ),
    ],
)
def test_the_call_under_the_cursor_gets_the_voice_and_keeps_everything_else(before: str, after: str) -> None:
    assert written(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            'TextToSpeechEvent("a", voice="|x", instructions="soft", cache=False)',
            'TextToSpeechEvent("a", voice="nova", speed=1.25, cache=False)',
        ),
        (
            'TextToSpeechEvent("a", voice="|x", speed=2.0, instructions="soft")',
            'TextToSpeechEvent("a", voice="nova", speed=1.25)',
        ),
        (
            'TextToSpeechEvent(instructions="soft", text="a|", voice="x", speed=2)',
            'TextToSpeechEvent(text="a", voice="nova", speed=1.25)',
        ),
        (
            'TextToSpeechEvent(\n    "a|", "x",  # who\n    instructions="soft",\n    speed=2,\n)',
            'TextToSpeechEvent(\n    "a", "nova",  # who\n    speed=1.25,\n)',
        ),
        (
            'TextToSpeechEvent("a|", "x", speed=2,  # fast\n    instructions="soft")',
            'TextToSpeechEvent("a", "nova", speed=1.25,  # fast\n    )',
        ),
        ('TextToSpeechEvent(instructions="soft"|)', 'TextToSpeechEvent(voice="nova", speed=1.25)'),
        (
            'TextToSpeechEvent("a|", voice="x", instructions=mood, speed=1)',
            'TextToSpeechEvent("a", voice="nova", instructions=mood, speed=1.25)',
        ),
    ],
)
def test_instructions_that_are_not_wanted_go_and_computed_ones_stay(before: str, after: str) -> None:
    ast.parse(after)
    assert written(before) == after


def test_speed_1_is_written_only_where_another_stood() -> None:
    assert written('TextToSpeechEvent("a|", speed=2.0)', LUKE) == (
        'TextToSpeechEvent("a", speed=1.0, voice={"provider": "cartesia", "identifier": "7b2c"})'
    )
    assert "speed" not in written('TextToSpeechEvent("a|")', LUKE)


def test_instructions_are_replaced() -> None:
    assert written('TextToSpeechEvent("a|", instructions="soft")', Delivery("nova", 1.0, "warm")) == (
        'TextToSpeechEvent("a", instructions="warm", voice="nova")'
    )


@pytest.mark.parametrize(
    ("marked", "sentence"),
    [
        ('TextToSpeechEvent("a|", **options)', r"takes fields from \*\*"),
        ("TextToSpeechEvent(*fields|)", r"takes fields from \*"),
        ('x = "in | a text"', "in a text"),
        ("# in | a comment\n", "in a comment"),
    ],
)
def test_where_it_cannot_be_written_a_sentence_says_why(marked: str, sentence: str) -> None:
    with pytest.raises(CannotWriteError, match=sentence):
        written(marked)


def test_fields_given_beside_a_splat_are_replaced() -> None:
    assert written('TextToSpeechEvent("a|", voice="x", speed=2, **rest)') == (
        'TextToSpeechEvent("a", voice="nova", speed=1.25, **rest)'
    )


@pytest.mark.parametrize(
    ("source", "known"),
    [
        ("from primfunctions.events import *\n", True),
        ("from primfunctions.events import StartEvent, TextToSpeechEvent\n", True),
        ("from primfunctions.events import (\n    StartEvent,\n    TextToSpeechEvent,\n)\n", True),
        ("from primfunctions.events import StartEvent\n", False),
    ],
)
def test_a_missing_import_is_said(source: str, known: bool) -> None:
    source += "x = "
    insertion = write(source, len(source), "Hello.", NOVA)
    assert insertion.note == ("" if known else "Add to the imports: from primfunctions.events import TextToSpeechEvent")


def test_literal_lines_are_found_with_their_fields_even_in_broken_source() -> None:
    source = (
        "async def handler(event, context):\n"
        '    yield TextToSpeechEvent("Hello " "there.", voice="nova", speed=1.5, instructions="warm")\n'
        '    yield TextToSpeechEvent(text=f"Hi {name}")\n'
        "    yield TextToSpeechEvent(text=computed())\n"
        '    yield events.TextToSpeechEvent(text="Bye.", language="de", speed=fast)\n'
        "    if (\n"
    )
    assert spoken_lines(source) == [
        SpokenLine(2, "Hello there.", "warm", "", "nova", 1.5),
        SpokenLine(5, "Bye.", "", "de", None, 1.0),
    ]


def test_lines_given_to_a_helper_that_makes_the_event_count_too() -> None:
    source = (
        "async def handler(event, context):\n"
        '    yield say("Welcome.")\n'
        '    yield say(f"Hi {name}")\n'
        '    yield other("Not spoken.")\n'
        "def say(text: str, slowly=False) -> TextToSpeechEvent:\n"
        "    return TextToSpeechEvent(text, voice=VOICE)\n"
        "def other(name):\n"
        '    return TextToSpeechEvent("Spoken.", voice=name)\n'
    )
    assert [(line.line, line.text) for line in spoken_lines(source)] == [(2, "Welcome."), (8, "Spoken.")]


@pytest.mark.parametrize(
    ("imported", "name"),
    [
        ("from primfunctions import events as ev", "ev.TextToSpeechEvent"),
        ("from primfunctions import events", "events.TextToSpeechEvent"),
        ("import primfunctions.events as e", "e.TextToSpeechEvent"),
        ("import primfunctions.events", "primfunctions.events.TextToSpeechEvent"),
        ("from primfunctions.events import *", "TextToSpeechEvent"),
        ("from primfunctions.events import StartEvent", "TextToSpeechEvent"),
        ("import mine\nx = mine.TextToSpeechEvent('a')", "mine.TextToSpeechEvent"),
    ],
)
def test_the_event_is_spelt_as_the_file_calls_it(imported: str, name: str) -> None:
    after = written(f"{imported}\n\nasync def handler(event, context):\n    |\n")
    assert f"    yield {name}(text=" in after
