"""What the editor types by itself."""

import pytest

from studio.app.editor.indenting import closing_for, commented, indent_after, unindented


@pytest.mark.parametrize(
    ("line", "indent"),
    [
        ("if x:", "    "),
        ("    yield Event(", "        "),
        ("x = 1", ""),
        ("    x = {", "        "),
        ("        return slot", "    "),
        ("    return Event(", "        "),
        ("    if x:  # why:", "        "),
        ("    print('a:')", "    "),
        ("    # note:", "    "),
    ],
)
def test_the_next_line_is_indented_by_what_ends_this_one(line: str, indent: str) -> None:
    assert indent_after(line) == indent


def test_comments_toggle_at_the_common_indentation_and_skip_empty_lines() -> None:
    code = ["    if x:", "", "        y()"]
    hidden = commented(code)
    assert hidden == ["    # if x:", "", "    #     y()"]
    assert commented(hidden) == code


def test_unindenting_never_eats_code() -> None:
    assert [unindented(line) for line in ("      x", "  x", "x", "\tx")] == ["  x", "x", "x", "x"]


@pytest.mark.parametrize(
    ("typed", "before", "after", "closing"),
    [
        ("(", "f", "", ")"),
        ("(", "", "x", ""),
        ("'", "don", "", ""),
        ('"', "f", "", '"'),
        ('"', "x = ", "", '"'),
        ("a", "", "", ""),
    ],
)
def test_brackets_and_quotes_close_only_where_nothing_follows(
    typed: str, before: str, after: str, closing: str
) -> None:
    assert closing_for(typed, before, after) == closing
