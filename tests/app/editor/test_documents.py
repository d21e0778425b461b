"""Open files: nothing that was typed is lost, nothing that others wrote is overwritten."""

import os
import stat
import sys
from pathlib import Path

import pytest

from studio.app.editor.documents import Document, Documents
from studio.app.editor.recovery import Recovery


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "handler.py"
    path.write_bytes(b"one\n")
    return path


@pytest.fixture
def documents(tmp_path: Path) -> Documents:
    return Documents(Recovery(tmp_path / "unsaved"))


def type_into(document: Document, text: str) -> None:
    document.text_of_view = lambda: text
    document.edited(True)


def test_saving_keeps_line_ends_mark_and_mode(documents: Documents, file: Path) -> None:
    file.write_bytes(b"\xef\xbb\xbfa\r\nb\r\n")
    file.chmod(0o750)
    document = documents.open(file)
    type_into(document, "a\nc\n")
    assert documents.save(document) == ""
    assert file.read_bytes() == b"\xef\xbb\xbfa\r\nc\r\n"
    if os.name == "posix":
        assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert not document.dirty


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_saving_writes_through_a_link(documents: Documents, file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.py"
    link.symlink_to(file)
    document = documents.open(link)
    type_into(document, "two\n")
    documents.save(document)
    assert link.is_symlink()
    assert file.read_text() == "two\n"


def test_opening_twice_gives_the_same_document(documents: Documents, file: Path) -> None:
    assert documents.open(file) is documents.open(file.parent / "." / file.name)


def test_a_clean_file_changed_outside_is_read_again_with_a_note(documents: Documents, file: Path) -> None:
    document = documents.open(file)
    reloaded: list[str] = []
    document.reloaded.connect(lambda: reloaded.append(document.text))
    file.write_text("theirs\n")
    documents.check_outside()
    assert reloaded == ["theirs\n"]
    assert "read again" in document.note


def test_a_changed_file_is_never_overwritten_unasked(documents: Documents, file: Path) -> None:
    document = documents.open(file)
    type_into(document, "mine\n")
    file.write_text("theirs\n")
    assert "another program" in documents.save(document)
    assert document.outside == "changed"
    assert file.read_text() == "theirs\n"


def test_keep_mine_writes_and_take_theirs_reads(documents: Documents, file: Path) -> None:
    document = documents.open(file)
    type_into(document, "mine\n")
    file.write_text("theirs\n")
    documents.check_outside()
    assert documents.keep_mine(document) == ""
    assert (file.read_text(), document.outside, document.dirty) == ("mine\n", "", False)
    type_into(document, "mine again\n")
    file.write_text("theirs again\n")
    documents.check_outside()
    documents.take_theirs(document)
    assert (document.text, document.outside, document.dirty) == ("theirs again\n", "", False)


def test_a_deleted_file_is_told_and_can_be_saved_again(documents: Documents, file: Path) -> None:
    document = documents.open(file)
    file.unlink()
    documents.check_outside()
    assert document.outside == "deleted"
    assert documents.keep_mine(document) == ""
    assert file.read_text() == "one\n"


def test_a_deleted_file_that_comes_back_is_fine_again(documents: Documents, file: Path) -> None:
    document = documents.open(file)
    file.unlink()
    documents.check_outside()
    file.write_bytes(b"one\n")
    documents.check_outside()
    assert document.outside == ""


@pytest.mark.parametrize("content", [b"\0\1\2", b"caf\xe9\n"])
def test_text_that_bytes_took_the_place_of_counts_as_unsaved_and_can_be_put_back(
    documents: Documents, file: Path, content: bytes
) -> None:
    document = documents.open(file)
    file.write_bytes(content)
    documents.check_outside()
    assert (document.outside, document.text) == ("not text", "one\n")
    assert documents.unsaved == [document]
    assert "not text any more" in documents.save(document)
    assert file.read_bytes() == content
    assert documents.keep_mine(document) == ""
    assert file.read_bytes() == b"one\n"
    assert documents.unsaved == []


def test_text_that_comes_back_after_bytes_is_fine_again(documents: Documents, file: Path) -> None:
    document = documents.open(file)
    file.write_bytes(b"\0\1\2")
    documents.check_outside()
    file.write_bytes(b"one\n")
    documents.check_outside()
    assert (document.outside, document.dirty) == ("", False)


def test_another_text_after_bytes_is_read_where_nobody_typed(documents: Documents, file: Path) -> None:
    document = documents.open(file)
    file.write_bytes(b"\0\1\2")
    documents.check_outside()
    file.write_bytes(b"two\n")
    documents.check_outside()
    assert (document.outside, document.dirty, document.text) == ("", False, "two\n")


def test_a_disk_that_refuses_keeps_the_text_and_says_so(documents: Documents, file: Path, tmp_path: Path) -> None:
    document = documents.open(file)
    type_into(document, "two\n")
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder is needed")
    document.path = blocked / "handler.py"
    assert "Your text is still here" in documents.keep_mine(document)
    assert document.dirty


def test_a_character_that_the_encoding_lacks_is_named(documents: Documents, file: Path) -> None:
    file.write_bytes(b"# coding: latin-1\n")
    document = documents.open(file)
    type_into(document, "# coding: latin-1\n€\n")
    assert "lacks '€'" in documents.save(document)
    assert file.read_bytes() == b"# coding: latin-1\n"


def test_unsaved_text_is_offered_after_a_crash(tmp_path: Path, file: Path) -> None:
    before = Documents(Recovery(tmp_path / "unsaved"))
    type_into(before.open(file), "typed\n")
    assert before.keep_unsaved() == ""
    after = Documents(Recovery(tmp_path / "unsaved"))
    document = after.open(file)
    assert document.text == "one\n"
    assert document.unsaved is not None
    assert after.take_unsaved(document) == "typed\n"


def test_saved_and_dropped_text_is_not_offered(tmp_path: Path, file: Path, documents: Documents) -> None:
    document = documents.open(file)
    type_into(document, "typed\n")
    documents.keep_unsaved()
    documents.save(document)
    assert Recovery(tmp_path / "unsaved").find(file) is None
    type_into(document, "more\n")
    documents.keep_unsaved()
    documents.close(document)
    assert Documents(Recovery(tmp_path / "unsaved")).open(file).unsaved is None


def test_an_offer_that_was_not_answered_survives_closing_the_tab(
    tmp_path: Path, file: Path, documents: Documents
) -> None:
    type_into(documents.open(file), "typed\n")
    documents.keep_unsaved()
    after = Documents(Recovery(tmp_path / "unsaved"))
    after.close(after.open(file))
    assert Documents(Recovery(tmp_path / "unsaved")).open(file).unsaved is not None


def test_documents_follow_a_renamed_folder(documents: Documents, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    (tmp_path / "old" / "a.py").write_text("x")
    document = documents.open(tmp_path / "old" / "a.py")
    (tmp_path / "old").rename(tmp_path / "new")
    documents.renamed(tmp_path / "old", tmp_path / "new")
    assert document.path == (tmp_path / "new" / "a.py").resolve()
    assert documents.find(tmp_path / "new" / "a.py") is document
