"""An event that is inserted stands where it can be said, and damages nothing around it."""

import ast

import pytest

from studio.app.editor.event_place import CannotWriteError, place_of_event
from studio.app.editor.python_source import PythonSource

HANDLER = """\
async def handler(event, context):
    \"\"\"Answers.\"\"\"
    if isinstance(event, StartEvent):
        yield say("Hello.")
        return
    yield StopEvent(
        closing=GOODBYE,
    )
"""


def inserted(marked: str) -> str:
    """The text with an event `E()` at its place; `|` marks the cursor."""
    cursor = marked.index("|")
    text = marked.replace("|", "")
    place = place_of_event(PythonSource(text), cursor)
    return f"{text[: place.at]}{place.before}E(){place.after}{text[place.at :]}"


@pytest.mark.parametrize(
    ("at", "line", "above"),
    [
        ('yield say("Hello.")|', "        yield E()", '        yield say("Hello.")'),
        ("yi|eld say(", "        yield E()", '        yield say("Hello.")'),
        ("        |yield say(", "        yield E()", '        yield say("Hello.")'),
        ("        ret|urn", "        yield E()", '        yield say("Hello.")'),
        ("if isinst|ance", "        yield E()", "    if isinstance(event, StartEvent):"),
        ("async def hand|ler", "    yield E()", '    """Answers."""'),
        ("closing=GOOD|BYE", "    yield E()", "    )"),
        ("    )|\n", "    yield E()", "    )"),
    ],
)
def test_beside_other_code_it_gets_a_line_of_its_own_that_is_reached(at: str, line: str, above: str) -> None:
    after = inserted(HANDLER.replace(at.replace("|", ""), at, 1))
    ast.parse(after)
    lines = after.splitlines()
    assert line in lines
    assert lines[lines.index(line) - 1] == above
    assert [row for row in lines if row != line] == HANDLER.splitlines()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "async def handler(e, c):\n    a()\n|\n    b()\n",
            "async def handler(e, c):\n    a()\n    yield E()\n    b()\n",
        ),
        (
            "async def handler(e, c):\n    yield 1\n\n|\n\nx = 1\n",
            "async def handler(e, c):\n    yield 1\n\n    yield E()\n\nx = 1\n",
        ),
        ("async def handler(e, c):\n    |\n    b()\n", "async def handler(e, c):\n    yield E()\n    b()\n"),
        ("async def greet(c):\n    pass|\n", "async def greet(c):\n    pass\n    yield E()\n"),
        ("async def greet(c):\n    |\n", "async def greet(c):\n    yield E()\n"),
        ("async def greet(c):\n    x = |\n", "async def greet(c):\n    x = E()\n"),
        (
            "async def handler(e, c):\n    a(); b|()  # both\n",
            "async def handler(e, c):\n    a(); b()  # both\n    yield E()\n",
        ),
        (
            "async def handler(e, c):\n\tif e:\n\t\ta()|\n",
            "async def handler(e, c):\n\tif e:\n\t\ta()\n\t\tyield E()\n",
        ),
        (
            'async def handler(e, c):\n    """Says it."""|\n',
            'async def handler(e, c):\n    """Says it."""\n    yield E()\n',
        ),
        (
            "async def handler(e, c):\n    say([\n        a,\n        |\n    ])\n",
            "async def handler(e, c):\n    say([\n        a,\n        E()\n    ])\n",
        ),
        (
            "async def handler(e, c):\n    say([\n        a,\n|\n        b,\n    ])\n",
            "async def handler(e, c):\n    say([\n        a,\n\n        b,\n    ])\n    yield E()\n",
        ),
        (
            "class A:\n    async def handler(self, e):\n        a()|\n",
            "class A:\n    async def handler(self, e):\n        a()\n        yield E()\n",
        ),
        (
            "async def handler(e, c):\n    try:\n        a()\n    finally:|\n        b()\n",
            "async def handler(e, c):\n    try:\n        a()\n    finally:\n        yield E()\n        b()\n",
        ),
        (
            "async def handler(e, c):\n    if e:\n        a()\n    else:|\n        b()\n",
            "async def handler(e, c):\n    if e:\n        a()\n    else:\n        yield E()\n        b()\n",
        ),
    ],
)
def test_it_follows_the_lines_around_the_cursor(before: str, after: str) -> None:
    ast.parse(after)
    assert inserted(before) == after


BETWEEN = """\
async def handler(event, context):
    if isinstance(event, StartEvent):
        {last}
{between}
    if isinstance(event, TextEvent):
        yield say("I see.")
"""


@pytest.mark.parametrize(
    ("last", "between", "after"),
    [
        ("a()", "|", "        a()\n        yield E()"),
        ("a()", "\n|\n", "        a()\n\n        yield E()\n"),
        ("a()  # greets:", "|", "        a()  # greets:\n        yield E()"),
        ("a(\n            1,\n            2)", "|", "        a(\n            1,\n            2)\n        yield E()"),
        ("if event:", "|", "        if event:\n            yield E()"),
        ("for a in (\n            1,):", "|", "        for a in (\n            1,):\n            yield E()"),
        ("if event:  # why", "            # greets\n|", "            # greets\n            yield E()"),
        ("a()", "# b()\n|", "# b()\n        yield E()"),
        ("return", "|", "        yield E()\n        return\n"),
        ("a()", "    |", "        a()\n    yield E()"),
        ("a()", "        |", "        a()\n        yield E()"),
        ("return", "    |", "        return\n    yield E()"),
    ],
)
def test_on_an_empty_line_it_goes_into_the_block_above_unless_white_space_says_how_deep(
    last: str, between: str, after: str
) -> None:
    found = inserted(BETWEEN.format(last=last, between=between))
    ast.parse(found)
    assert after in found
    assert found.count("E()") == 1


def test_below_a_nested_function_that_says_nothing_it_goes_into_the_one_around_it() -> None:
    code = "async def handler(e, c):\n    def say(text):\n        return f(text)\n|\n    yield say(1)\n"
    nested = inserted(code)
    ast.parse(nested)
    assert "f(text)\n    yield E()\n    yield say(1)" in nested


def test_a_file_that_is_indented_with_tabs_stays_so() -> None:
    assert inserted("async def handler(e, c):\n\tif e:\n|\n") == "async def handler(e, c):\n\tif e:\n\t\tyield E()\n"


@pytest.mark.parametrize(
    ("marked", "sentence"),
    [
        ('|"""An appointment desk."""\n', "outside of all functions"),
        ("|", "outside of all functions"),
        ("import os|\n\nasync def handler(e, c):\n    yield 1\n", "outside of all functions"),
        ("x = 1\n\n|\nasync def handler(e, c):\n    yield 1\n", "outside of all functions"),
        ("class A:\n    |\n", "outside of all functions"),
        ("def say(text):\n    |\n    return f(text)\n", "say yields nothing"),
        ("def say(text):\n    return f(text)|\n", "say yields nothing"),
        (
            "async def handler(e, c):\n    def say(text):\n        return f(text)|\n    yield say(1)\n",
            "say yields nothing",
        ),
    ],
)
def test_where_nothing_is_said_it_is_refused(marked: str, sentence: str) -> None:
    with pytest.raises(CannotWriteError, match=sentence):
        inserted(marked)
