"""The casting sheet: a table for spreadsheets, a page for people, one file per clip."""

import csv
import io

import numpy as np
import pytest
import soundfile

from studio.providers.casting.export import SheetError, write_sheet
from studio.providers.casting.sheet import SheetRow, as_csv, as_page, file_name

ROW = SheetRow(
    "nova", "OpenAI", 2.0, "a.wav", realised=1.8, seconds=1.6, wpm=300.4, first_byte_ms=112.2, cache="written"
)


def test_the_table_has_a_column_for_each_figure_and_leaves_out_what_was_not_measured():
    (row,) = csv.DictReader(io.StringIO(as_csv([ROW])))
    assert row["speed asked"] == "2"
    assert row["speed got"] == "1.80"
    assert row["words per minute"] == "300"
    assert row["first byte ms"] == "112"
    assert row["total ms"] == ""


@pytest.mark.parametrize("remark", ["=1+1", "+x", "-x", "@x"])
def test_no_cell_is_a_formula(remark):
    (row,) = csv.DictReader(io.StringIO(as_csv([SheetRow("nova", "OpenAI", 1.0, remark=remark)])))
    assert row["remark"] == f"'{remark}"


def test_the_page_plays_the_files_flags_speeds_and_escapes_texts():
    page = as_page("<b>Hi</b>", ["Instructions: a & b", ""], [ROW, SheetRow("x", "Azure", 1.0, remark="No key.")])
    assert "&lt;b&gt;Hi&lt;/b&gt;" in page
    assert "a &amp; b" in page
    assert 'src="a.wav"' in page
    assert "got 1.8×" in page
    assert "No key." in page
    assert page.count("<audio") == 1


def test_names_of_files_are_plain_and_never_taken_twice():
    taken: set[str] = set()
    names = [file_name(voice, "Azure/x", 1.0, taken) for voice in ("Deutsch (local)", "deutsch local", "../..", "晓晓")]
    assert names == [
        "deutsch-local-azure-x-1x.wav",
        "deutsch-local-azure-x-1x-2.wav",
        "azure-x-1x.wav",
        "晓晓-azure-x-1x.wav",
    ]


def test_a_sheet_is_written_whole(tmp_path):
    sound = np.arange(2400, dtype=np.int16)
    rows = [SheetRow("nova", "OpenAI", 1.0), SheetRow("kore", "Google", 1.0, remark="No key.")]
    page = write_sheet(tmp_path / "new" / "sheet", "Hi", [], rows, [sound, None], 24_000)
    read, rate = soundfile.read(page.parent / "nova-openai-1x.wav", dtype="int16")
    assert rate == 24_000
    assert (read == sound).all()
    assert sorted(file.name for file in page.parent.iterdir()) == ["casting.csv", "casting.html", "nova-openai-1x.wav"]


def test_a_disk_that_refuses_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SheetError, match="Choose another folder"):
        write_sheet(tmp_path / "file" / "below", "Hi", [], [], [], 24_000)
