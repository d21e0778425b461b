"""The syntax tree says what each stretch is, and edits give what parsing anew gives."""

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.app.editor.syntax import SyntaxTree

CODE = 'async def handler(event):\n    yield TextToSpeechEvent(text=f"Grüße 😀 {name}", speed=1.0)  # hi\n'


def kinds(text: str, tree: SyntaxTree | None = None) -> dict[str, str]:
    """The last kind painted over each word."""
    encoded = text.encode("utf-16-le")
    found: dict[str, str] = {}
    for span in (tree or SyntaxTree(text)).spans(0, len(encoded) // 2):
        found[encoded[2 * span.start : 2 * span.end].decode("utf-16-le")] = span.kind
    return found


def test_every_kind_is_found_beyond_the_basic_plane() -> None:
    found = kinds(CODE)
    assert found["async"] == found["yield"] == "keyword"
    assert found["handler"] == "call"
    assert found["TextToSpeechEvent"] == "class"
    assert found["1.0"] == "number"
    assert found["{name}"] == "plain"
    assert found["# hi"] == "comment"
    assert found['f"Grüße 😀 {name}"'] == "string"


def test_a_constant_in_capitals_is_no_class() -> None:
    assert "ASK_DAY" not in kinds("ASK_DAY = 1\n")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_tree_edited_there_and_back_equals_a_new_one(data: st.DataObject) -> None:
    text = CODE * 2
    tree = SyntaxTree(text)
    undo: list[tuple[int, str, str]] = []

    def replace(start: int, removed: str, added: str) -> None:
        nonlocal text
        undo.append((start, added, removed))
        before, text = text[:start], text[:start] + added + text[start + len(removed) :]
        units = [len(part.encode("utf-16-le")) // 2 for part in (before, removed, added)]
        tree.edit(text, *units)

    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        removed = text[start : start + data.draw(st.integers(0, 12))]
        replace(
            start, removed, data.draw(st.sampled_from(["", "x", '"""', "\n", "def f():\n  pass\n", "😀", "(", "#"]))
        )
    for start, removed, added in undo[::-1]:
        replace(start, removed, added)
    assert text == CODE * 2
    assert set(tree.spans(0, 10_000)) == set(SyntaxTree(text).spans(0, 10_000))
