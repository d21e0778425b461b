"""Bytes to text and back without loss."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.app.editor.text_files import CannotOpenError, decode, read_text


@pytest.mark.parametrize(
    "content",
    [
        b"a\nb\n",
        b"a\r\nb\r\n",
        b"a\rb\r",
        b"",
        b"no end",
        b"\xef\xbb\xbfwith mark\r\n",
        "\ufeffwide ä\n".encode("utf-16-le"),
        b"# -*- coding: latin-1 -*-\nname = '\xe4'\n",
    ],
)
def test_what_is_read_is_written_back_byte_for_byte(content: bytes) -> None:
    assert decode("a.py", content).encode() == content


@given(
    st.text(st.characters(exclude_characters="\r\u2029\ufdd0\ufdd1\0", codec="utf-8")), st.sampled_from(["\n", "\r\n"])
)
def test_any_text_with_one_kind_of_line_ends_comes_back(text: str, newline: str) -> None:
    content = text.replace("\n", newline).encode()
    if not content.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        assert decode("a.txt", content).encode() == content


def test_mixed_line_ends_are_told() -> None:
    file = decode("a.py", b"a\r\nb\r\nc\n")
    assert (file.mixed, file.newline, file.text) == (True, "\r\n", "a\nb\nc\n")


def test_a_binary_file_is_refused_with_a_sentence() -> None:
    with pytest.raises(CannotOpenError, match=r"voice\.wav is not a text file\."):
        decode("voice.wav", b"RIFF\0\0\0\0")


def test_text_of_a_wrong_encoding_is_shown_but_not_edited() -> None:
    file = decode("a.py", b"name = '\xff'")
    assert file.text == "name = '\xff'"
    assert "cannot be edited" in file.read_only


def test_a_large_file_is_read_only_and_a_huge_one_refused(tmp_path: Path) -> None:
    assert "larger than 1 MB" in decode("log.txt", b"x" * (1024 * 1024 + 1)).read_only
    huge = tmp_path / "huge.txt"
    with huge.open("wb") as file:
        file.truncate(9 * 1024 * 1024)
    with pytest.raises(CannotOpenError, match="too large"):
        read_text(huge)


def test_text_that_the_widget_would_change_is_read_only() -> None:
    assert "U+2029" in decode("a.py", "a\u2029b".encode()).read_only


def test_a_folder_and_a_missing_file_are_refused_with_a_sentence(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone.py"):
        with pytest.raises(CannotOpenError, match=path.name):
            read_text(path)
