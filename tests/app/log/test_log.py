from typing import Any

from PySide6.QtCore import QModelIndex, Qt

from studio.app.log.log_model import LogRows
from studio.app.log.log_view import LogView
from studio.sessions.records import LOG, NS, Record
from tests.app.synthetic import Script, SyntheticSession, conversation, row_of
from tests.sessions.making import failed_task


def many(count: int) -> SyntheticSession:
    import numpy as np

    records = [
        Record(seq, seq * 1000, seq * 1000, LOG, "log", {"stream": "stdout"}, message=f"line {seq}")
        for seq in range(count)
    ]
    return SyntheticSession(records, {}, (np.zeros(0, np.int64), np.zeros(0, np.float32)), count * 1000)


def shown(qtbot: Any, data: SyntheticSession | None) -> LogView:
    view = LogView(LogRows(data))
    qtbot.addWidget(view)
    view.resize(800, 240)
    view.show()
    return view


def test_logs_notices_and_errors_are_listed_in_order() -> None:
    rows = LogRows(conversation())
    assert [row.level for row in rows.all] == ["warning", "info", "info", "error", "error", "error"]
    assert "KeyError: 'sister' in handler.py line 41." in [row.message for row in rows.all]


def test_the_level_filter_keeps_what_is_as_serious_or_more() -> None:
    rows = LogRows(conversation())
    rows.filter(level="warning")
    assert {row.level for row in rows.shown} == {"warning", "error"}


def test_the_text_filter_looks_at_message_and_source() -> None:
    rows = LogRows(conversation())
    rows.filter(text="slots.py")
    assert [row.message for row in rows.shown] == ["looking for a slot on Tuesday"]


def test_what_arrives_passes_the_filter_too() -> None:
    data = conversation()
    data.grow_to(5 * NS)
    rows = LogRows(data)
    rows.filter(level="error")
    assert not rows.shown
    data.grow_to(25 * NS)
    rows.refresh(1.0)
    assert [row.level for row in rows.shown] == ["error"] * 3


def test_a_hundred_thousand_lines_are_shown_without_making_a_row_of_widgets(qtbot: Any) -> None:
    data = many(100_000)
    view = shown(qtbot, None)
    view._rows.open(data)
    view._rows.refresh(10.0)
    assert view.model.rowCount(QModelIndex()) == 100_000
    view.table.scrollToBottom()
    assert view.table.rowAt(view.table.viewport().height() - 2) == 99_999


def test_it_follows_the_end_only_while_it_is_there(qtbot: Any) -> None:
    data = many(500)
    data.grow_to(200_000)
    view = shown(qtbot, data)
    view._rows.refresh(1.0)
    bar = view.table.verticalScrollBar()

    def grow(time: int) -> None:
        before = bar.maximum()
        data.grow_to(time)
        view._rows.refresh(1.0)
        qtbot.waitUntil(lambda: bar.maximum() > before)

    grow(300_000)
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    grow(500_000)
    assert bar.value() == 10


def test_clicking_a_line_asks_for_its_record(qtbot: Any) -> None:
    view = shown(qtbot, conversation())
    index = view.model.index(1, 3)
    with qtbot.waitSignal(view.record_requested) as signal:
        qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=view.table.visualRect(index).center())
    assert signal.args == [view._rows.all[1].place]


def test_a_double_click_opens_the_source_line(qtbot: Any) -> None:
    view = shown(qtbot, conversation())
    with qtbot.waitSignal(view.source_requested) as signal:
        view.table.doubleClicked.emit(view.model.index(1, 3))
    assert signal.args == ["handler.py", 16]


def test_a_background_task_that_fails_is_an_error_of_the_log_with_file_and_line(qtbot: Any) -> None:
    script = Script(2)
    script.rows.append(row_of(failed_task(4)))
    view = shown(qtbot, script.session())
    (row,) = view._rows.all
    assert (row.level, row.source) == ("error", "handler.py:5")
    assert row.message == "The background task 'rates' failed: ValueError: no rates"
    assert view._title._note.text() == "1 line 1 error"


def test_an_empty_log_and_an_empty_filter_say_so(qtbot: Any) -> None:
    view = shown(qtbot, None)
    assert "appear here" in view._empty.accessibleName()
    view.open(conversation())
    view._rows.filter(text="zebra")
    assert "None of the 6 lines" in view._empty.accessibleName()


def test_failures_of_models_and_effects_are_listed_what_went_well_is_not() -> None:
    from tests.app.synthetic_tour import tour

    rows = LogRows(tour())
    messages = [row.message for row in rows.all]
    assert "gpt-4o did not answer: it sent nothing for 600 ms." in messages
    assert "https://a.b/done said 503." in messages
    assert not any("whisper-1" in message for message in messages)
