"""YAML as values and lines, and what is refused with a sentence."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.agents.deployment.yaml_tree import MOST_BYTES, YamlError, parse_yaml, read_yaml

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{below}'] * 9)}]\n" for below, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def test_values_have_their_kinds_and_their_lines():
    (document,) = parse_yaml("stt:\n  model: nova-3\n  endpointing: 300\nday: 2024-01-02\nlist: [1, 2.5, no]\n")
    assert document.value == {
        "stt": {"model": "nova-3", "endpointing": 300},
        "day": "2024-01-02",
        "list": [1, 2.5, False],
    }
    assert document.line("stt", "endpointing") == 3
    assert document.line("stt", "unknown") == 1  # of what holds it


def test_documents_are_separate_and_empty_ones_are_left_out():
    assert [document.value for document in parse_yaml("a: 1\n---\n---\nb: 2\n")] == [{"a": 1}, {"b": 2}]


def test_merge_keys_lie_below_a_tables_own():
    (document,) = parse_yaml("base: &b {x: 1, y: 1}\nuse:\n  <<: *b\n  y: 2\n")
    assert document.value["use"] == {"x": 1, "y": 2}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (BOMB, "stands for too much"),
        ("a: &a [*a]\n", "stands for too much"),
        ("[" * 2000, "nested too deeply"),
        ("a: b: c\n", "not valid YAML"),
        ("a: !!python/object:os.system x\n", "tag"),
        ("a: {{ Secrets.organization.X }}\n", "stand in quotes"),
        ("a: \x01\n", "not valid YAML"),
        ("a: !!int x\n", "is no int"),
    ],
)
def test_what_cannot_be_used_is_a_sentence(text, says):
    with pytest.raises(YamlError, match=says):
        parse_yaml(text)


def test_a_huge_file_is_not_read(tmp_path):
    (tmp_path / "values.yaml").write_bytes(b"# " + b"x" * MOST_BYTES)
    with pytest.raises(YamlError, match="larger than 256 kB"):
        read_yaml(tmp_path / "values.yaml")


def test_a_file_of_another_encoding_is_not_read(tmp_path):
    (tmp_path / "values.yaml").write_bytes(b"name: \xff\xfe")
    with pytest.raises(YamlError, match="UTF-8"):
        read_yaml(tmp_path / "values.yaml")


@given(st.text(alphabet="ab:-[]{}&*!|>'\" \n#<0.1", max_size=60))
def test_any_text_is_values_or_a_sentence(text):
    with contextlib.suppress(YamlError):
        parse_yaml(text)
