"""The bench: spoken side by side, heard by key and click, compared, inserted and written down."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from studio.app.bench.clip import Cell
from studio.app.bench.foot import _KEYS
from studio.app.bench.looks import times
from studio.app.bench.measures import figures
from studio.app.bench.model import BenchModel
from studio.app.bench.panel import BenchPanel
from studio.app.bench.votes import VoteBook
from studio.app.call.model import CallModel
from studio.app.editor.speech_call import Delivery, SpokenLine
from studio.app.tasks import Tasks
from studio.app.voices.model import VoicesModel
from studio.app.widgets.tick_menu import TickMenu
from studio.app.window.memory import Memory
from studio.providers.accounts import Accounts
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.manifests import Voice
from tests.app.bench.answers import answer
from tests.app.fake_engine import FakeEngine, connected

NOVA, ZEPHYR, LUKE, LOCAL = "openai:nova", "google:zephyr", "cartesia:luke", "local:English (local)"


class SpeakingEngine(FakeEngine):
    """Speaks each clip in 3.2 s divided by its speed; while `gate` is closed it waits.

    `failing` voices fail; for `replaced` ones the local voice speaks.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.gate.set()
        self.failing: set[str] = set()
        self.replaced: set[str] = set()
        self.now = self.most = 0
        self.answers |= {
            "hear_clip": {"kept": True, "seconds": 3.0, "from_s": 0.0, "queue_s": 0.0},
            "clip_picture": {"rows": 2, "columns": 2, "pixels": b"\0\1\2\3"},
            "export_clips": {"page": "/out/casting.html", "files": 1},
            "kept_examples": [],
        }

    async def call(self, command: str, **params: Any) -> Any:
        if command != "cast_clip":
            return await super().call(command, **params)
        self.asked.append((command, params))
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self.gate.wait()
        finally:
            self.now -= 1
        name, speed = params["voice"]["identifier"], params["speed"]
        if name in self.failing:
            raise ValueError(f"{name} is not well. Try again.")
        spoken = 3.2 / (speed if speed < 2 else 1.8)
        replaced = name in self.replaced
        voice = "English (local)" if replaced else name
        return answer(f"{name} {speed:g}", voice=voice, stands_in=replaced, seconds=spoken, spoken_s=spoken)

    def casts(self) -> list[tuple[str, float]]:
        return [(p["voice"]["identifier"], p["speed"]) for command, p in self.asked if command == "cast_clip"]


async def settle() -> None:
    for _ in range(40):
        await asyncio.sleep(0)


@pytest.fixture
async def engine() -> SpeakingEngine:
    return SpeakingEngine()


@pytest.fixture
async def call(engine: SpeakingEngine) -> CallModel:
    return connected(engine)


@pytest.fixture
async def bench(call: CallModel, tmp_path: Path) -> BenchModel:
    return make_bench(call, tmp_path)


def make_bench(call: CallModel, folder: Path) -> BenchModel:
    voices = VoicesModel(Catalogue(accounts=Accounts(Credentials({}))))
    tasks = Tasks(lambda what, error: pytest.fail(f"{what}: {error}"))
    return BenchModel(call, voices, Memory(folder / "window.json"), VoteBook(), tasks.spawn, tasks.begin)


@pytest.fixture
async def panel(bench: BenchModel, call: CallModel) -> AsyncIterator[BenchPanel]:
    panel = BenchPanel(bench, call)
    panel.resize(1100, 880)
    panel.show()
    yield panel
    panel.hide()  # while there is a loop on which it lets go of the speaker
    panel.deleteLater()
    await settle()


def centre(panel: BenchPanel, key: tuple[str, float]) -> QPoint:
    return panel.grid.visualRect(panel.grid._table.place(key)).center()


async def test_each_voice_is_spoken_at_each_speed_and_one_without_speed_control_once(
    bench: BenchModel, engine: SpeakingEngine
) -> None:
    bench.toggle(NOVA), bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    assert sorted(engine.casts()) == [
        ("nova", 0.75), ("nova", 1.0), ("nova", 1.25), ("nova", 1.5), ("nova", 2.0), ("zephyr", 1.0),
    ]  # fmt: skip
    assert engine.casts()[0][1] == 1.0, "the others are measured against it"
    assert not bench.missing
    assert len(bench.ready) == 6


async def test_the_local_engine_speaks_one_by_one(bench: BenchModel, engine: SpeakingEngine) -> None:
    bench.toggle(LOCAL)
    engine.gate.clear()
    bench.speak_missing()
    await settle()
    assert [cell.state for cell in bench.cells.values()].count("coming") == 1
    assert bench.busy == bench.batch == 5
    engine.gate.set()
    await settle()
    assert (engine.most, bench.busy) == (1, 0)


async def test_a_speed_that_is_off_is_flagged_against_the_clip_at_1(bench: BenchModel) -> None:
    bench.toggle(NOVA)
    bench.speak_missing()
    await settle()
    assert bench.cells[NOVA, 2.0].flag == "asked 2.0, got 1.8"
    assert bench.cells[NOVA, 1.5].flag == ""
    assert bench.cells[NOVA, 1.5].realised == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("asked", "got", "flag"),
    [
        (0.25, 0.5, "asked 0.25, got 0.5"),
        (1.25, 1.4, "asked 1.25, got 1.4"),
        (0.75, 0.81, "asked 0.75, got 0.81"),
        (2.0, 2.11, "asked 2.0, got 2.1"),
        (0.5, 0.53, "asked 0.5, got 0.53"),
        (1.5, 1.56, ""),
    ],
)
def test_a_flag_tells_the_speed_as_it_was_asked_for_and_a_difference_that_can_be_seen(
    asked: float, got: float, flag: str
) -> None:
    assert Cell(Voice("nova", "openai", "nova", "en", "", ""), asked, realised=got).flag == flag


async def test_what_is_coming_can_be_given_up_and_spoken_again(bench: BenchModel, engine: SpeakingEngine) -> None:
    bench.toggle(LOCAL)
    engine.gate.clear()
    bench.speak_missing()
    await settle()
    bench.cancel()
    await settle()
    assert {cell.state for cell in bench.cells.values()} == {"empty"}
    engine.gate.set()
    bench.speak_missing()
    await settle()
    assert {cell.state for cell in bench.cells.values()} == {"ready"}


async def test_a_cell_shows_how_much_has_come(bench: BenchModel, engine: SpeakingEngine) -> None:
    bench.toggle(ZEPHYR)
    engine.gate.clear()
    bench.speak_missing()
    await settle()
    engine.on_items([["clip", 1, "google:zephyr 1", 1.2]])
    (cell,) = bench.cells.values()
    assert cell.come_s == 1.2
    assert 0.2 < cell.done < 0.9
    engine.gate.set()
    await settle()


async def test_another_text_takes_the_clips_away_and_late_ones_are_not_taken_for_its(
    bench: BenchModel, engine: SpeakingEngine
) -> None:
    bench.toggle(NOVA)
    engine.gate.clear()
    bench.speak_missing()
    await settle()
    bench.set_line("Something else.", "", "")
    engine.gate.set()
    await settle()
    assert {cell.state for cell in bench.cells.values()} == {"empty"}


async def test_clips_go_with_their_engine(bench: BenchModel, call: CallModel, engine: SpeakingEngine) -> None:
    bench.toggle(NOVA)
    bench.speak_missing()
    await settle()
    call.engine_gone()
    assert {cell.state for cell in bench.cells.values()} == {"empty"}
    assert bench.why_silent.startswith("The engine does not run")
    call.connect(engine)
    await settle()
    assert bench.why_silent == ""


async def test_the_bench_is_found_again_by_the_next_start(bench: BenchModel, call: CallModel, tmp_path: Path) -> None:
    bench.toggle(NOVA), bench.toggle(LUKE)
    bench.set_speed(4.0, True), bench.set_speed(0.75, False), bench.set_speed(1.0, False)
    bench.use_line("handler.py", SpokenLine(14, "Hello there.", "warm"))
    bench._memory.save()
    again = make_bench(call, tmp_path)
    assert again.keys == [NOVA, LUKE]
    assert again.speeds == [1.0, 1.25, 1.5, 2.0, 4.0]
    assert (again.text, again.instructions) == ("Hello there.", "warm")
    assert bench.source == "line 14 of handler.py"


async def test_several_speeds_are_chosen_without_opening_the_menu_again(panel: BenchPanel, bench: BenchModel) -> None:
    panel.choose_speeds()
    menu = panel.findChild(TickMenu)
    assert menu is not None
    assert menu.isVisible()
    speeds = {action.text(): action for action in menu.actions()}
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(speeds[times(4.0)]).center())
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(speeds[times(1.0)]).center())
    menu.setActiveAction(speeds[times(2.0)])
    QTest.keyClick(menu, Qt.Key.Key_Space)
    menu.setActiveAction(speeds[times(1.5)])
    QTest.keyClick(menu, Qt.Key.Key_Return)
    assert bench.speeds == [0.75, 1.0, 1.25, 4.0]
    assert menu.isVisible()
    QTest.keyClick(menu, Qt.Key.Key_Escape)
    assert not menu.isVisible()


async def test_arrow_keys_and_clicks_play_what_is_there(
    qtbot: QtBot, panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine
) -> None:
    bench.toggle(NOVA), bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    panel.grid.setFocus()
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    await settle()
    assert bench.selected == (NOVA, 1.25)
    heard = [p["clip"] for command, p in engine.asked if command == "hear_clip"]
    if panel.grid.hasFocus():  # a platform may keep the keyboard for itself
        assert heard == ["nova 1.25"]
    qtbot.mouseClick(panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=centre(panel, (NOVA, 2.0)))
    await settle()
    assert engine.params("hear_clip")["clip"] == "nova 2"
    qtbot.keyClick(panel.grid, Qt.Key.Key_Down)
    assert bench.selected == (ZEPHYR, 1.0), "the sentence beside it is passed over"
    qtbot.keyClick(panel.grid, Qt.Key.Key_Right)
    assert bench.selected == (ZEPHYR, 1.0)


async def test_space_speaks_what_is_missing_then_plays_and_stops(
    qtbot: QtBot, panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine
) -> None:
    bench.toggle(NOVA)
    qtbot.keyClick(panel.grid, Qt.Key.Key_Space)
    await settle()
    assert engine.casts() == [("nova", 1.0)]
    assert engine.params("hear_clip")["clip"] == "nova 1"
    assert bench.player.playing is not None
    qtbot.keyClick(panel.grid, Qt.Key.Key_Space)
    await settle()
    assert engine.params("stop_playing") == {}
    assert bench.player.playing is None


async def test_enter_in_the_text_speaks_it_and_leaves_the_arrow_keys_with_the_clips(
    qtbot: QtBot, panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine
) -> None:
    bench.toggle(NOVA)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.card.text.setFocus()
    panel.card.text.setText("Hello.")
    qtbot.keyClick(panel.card.text, Qt.Key.Key_Return)
    assert panel.grid.hasFocus()
    await settle()
    assert {params["text"] for command, params in engine.asked if command == "cast_clip"} == {"Hello."}
    assert len(bench.ready) == 5


async def test_a_clip_that_the_engine_has_let_go_of_is_spoken_again_when_it_is_wanted(
    bench: BenchModel, engine: SpeakingEngine
) -> None:
    bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    engine.answers["hear_clip"] = {**engine.answers["hear_clip"], "kept": False, "seconds": 0.0}
    bench.hear((ZEPHYR, 1.0))
    await settle()
    assert engine.casts() == [("zephyr", 1.0), ("zephyr", 1.0)]
    assert [command for command, _ in engine.asked].count("hear_clip") == 2


async def test_the_speaker_is_held_while_the_bench_is_on_the_screen(panel: BenchPanel, engine: SpeakingEngine) -> None:
    await settle()
    assert engine.params("hold_speaker") == {"on": True}
    engine.start()
    engine.state(session="idle")
    await settle()
    assert [p for command, p in engine.asked if command == "hold_speaker"] == [{"on": True}, {"on": True}]
    panel.hide()
    await settle()
    assert engine.params("hold_speaker") == {"on": False}


async def test_a_failed_cell_says_its_sentence_and_is_tried_again(
    qtbot: QtBot, panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine
) -> None:
    engine.failing = {"zephyr"}
    bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    cell = bench.cells[ZEPHYR, 1.0]
    assert (cell.state, cell.problem) == ("failed", "zephyr is not well. Try again.")
    engine.failing = set()
    place = panel.grid._table.place(cell.key)
    qtbot.mouseClick(
        panel.grid.viewport(), Qt.MouseButton.LeftButton, pos=panel.grid._again(place).topLeft() + QPoint(10, 6)
    )
    await settle()
    assert cell.state == "ready"


async def test_enter_inserts_the_selected_voice_with_its_speed(
    qtbot: QtBot, panel: BenchPanel, bench: BenchModel
) -> None:
    bench.toggle(LUKE)
    bench.set_line("Hello.", "warm", "")
    with qtbot.waitSignal(panel.insert_wanted) as wanted:
        qtbot.keyClick(panel.grid, Qt.Key.Key_Return)
    luke = bench.cells[LUKE, 1.0].voice
    assert wanted.args == [Delivery({"provider": "cartesia", "identifier": luke.id}, 1.0, ""), "Hello."]
    bench.toggle(NOVA)
    bench.select((NOVA, 1.25))
    assert bench.delivery(bench.cell) == Delivery("nova", 1.25, "warm")


async def test_the_telephone_is_a_switch_for_all_clips(bench: BenchModel, engine: SpeakingEngine) -> None:
    bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    bench.use_phone(True)
    bench.hear((ZEPHYR, 1.0))
    await settle()
    assert engine.params("prepare_phone") == {"clips": ["zephyr 1"]}
    assert engine.params("hear_clip") == {"clip": "zephyr 1", "phone": True}


async def test_the_measures_of_the_selected_clip_are_told(bench: BenchModel) -> None:
    bench.toggle(NOVA)
    bench.speak_missing()
    await settle()
    told = {name: figure for name, figure, _ in figures(bench.cells[NOVA, 2.0])}
    assert told["first byte"] == "112 ms"
    assert told["first sound"] == "140 ms"
    assert told["speed by length"] == "2.0× → 1.80×"
    assert bench.picture is not None


async def test_a_set_is_exported_with_speeds_votes_and_what_failed(bench: BenchModel, engine: SpeakingEngine) -> None:
    engine.failing = {"zephyr"}
    bench.toggle(NOVA), bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    pages: list[str] = []
    bench.export("/out", pages.append)
    await settle()
    rows = engine.params("export_clips")["rows"]
    assert [(row["voice"], row["speed"], bool(row["clip"])) for row in rows] == [
        ("nova", 0.75, True), ("nova", 1.0, True), ("nova", 1.25, True), ("nova", 1.5, True), ("nova", 2.0, True),
        ("zephyr", 1.0, False),
    ]  # fmt: skip
    assert rows[4]["realised"] == pytest.approx(1.8)
    assert rows[5]["remark"] == "zephyr is not well. Try again."
    assert pages == ["/out/casting.html"]


async def written(panel: BenchPanel, engine: SpeakingEngine) -> None:
    panel.bench.export("/out", panel._exported)
    await settle()
    assert panel.note.text() == "Written: /out/casting.html"


@pytest.mark.parametrize("change", ["text", "voice", "speed", "clip", "phone"])
async def test_that_a_sheet_is_written_is_said_until_something_else_stands_on_the_bench(
    panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine, change: str
) -> None:
    bench.toggle(NOVA), bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    await written(panel, engine)
    bench.select((NOVA, 1.25))
    bench.hear((NOVA, 1.25))
    await settle()
    assert panel.note.text() == "Written: /out/casting.html", "the sheet is the same, whatever is looked at and heard"
    match change:
        case "text":
            bench.set_line("Another line.", "", "")
        case "voice":
            bench.toggle(ZEPHYR)
        case "speed":
            bench.set_speed(2.0, on=False)
        case "clip":
            engine.failing = {"nova"}
            bench.try_again((NOVA, 1.0))
            await settle()
        case _:
            bench.use_phone(True)
    assert panel.note.text() == ""
    panel.say("Speak them first.")
    bench.toggle(LUKE)
    assert panel.note.text() == "Speak them first.", "what is asked of the person stays its time"


async def test_where_there_is_little_room_it_is_the_clips(panel: BenchPanel, bench: BenchModel) -> None:
    bench.toggle(NOVA)
    bench.speak_missing()
    await settle()
    for height in range(880, 380, -20):
        panel.resize(440, height)
        panel.grab()
        assert panel.grid.viewport().height() >= 100
        assert not panel.measures._spectrogram.isVisible(), "in a narrow one it would be a stripe"
    assert not panel.measures.isVisible()
    panel.resize(1100, 880)
    panel.grab()
    assert panel.measures._spectrogram.isVisible()


async def test_the_keys_that_the_foot_tells_are_whole_or_absent(panel: BenchPanel, bench: BenchModel) -> None:
    bench.toggle(LOCAL)
    bench.speak_missing()
    await settle()
    told: list[int] = []
    for width in range(1300, 560, -20):
        panel.resize(width, 640)
        panel.grab()
        keys = panel.foot.keys
        hints = keys.text().split(" · ") if keys.text() else []
        assert hints == list(_KEYS[: len(hints)])
        assert keys.fontMetrics().horizontalAdvance(keys.text()) <= keys.width()
        assert panel.foot.insert.width() >= panel.foot.insert.sizeHint().width()
        told.append(len(hints))
    assert told[0] == len(_KEYS)
    assert told == sorted(told, reverse=True)
    assert told[-1] < len(_KEYS)
    assert " · ".join(_KEYS) == keys.toolTip()


async def test_a_blind_comparison_by_keys_hides_names_until_it_ends(
    qtbot: QtBot, panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine
) -> None:
    panel.toggle_blind()
    assert "needs two clips" in panel.note.text()
    for key in (NOVA, ZEPHYR, LUKE):
        bench.toggle(key)
    bench.speak_missing()
    await settle()
    panel.toggle_blind()
    view = panel.blind_view
    assert panel._stack.currentWidget() is view
    assert not panel.measures.isVisible()
    qtbot.keyClick(view, Qt.Key.Key_1)
    assert "Hear both first" in view.accessibleDescription()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_1):
        qtbot.keyClick(view, key)
        await settle()
    assert "nova" not in view.accessibleDescription()
    assert view.accessibleDescription().startswith("Pair 2 of 3")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert view.accessibleDescription().startswith("The result: ")
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert panel._stack.currentWidget() is panel.grid
    assert sorted(panel.grid._table.won.values()) == ["won 0 of 1", "won 1 of 1"], "the clips show it at once"


@pytest.mark.parametrize(("width", "bars"), [(1100, 2), (440, 0)])
async def test_the_result_has_bars_where_there_is_room_for_them(
    qtbot: QtBot, panel: BenchPanel, bench: BenchModel, monkeypatch: pytest.MonkeyPatch, width: int, bars: int
) -> None:
    panel.resize(width, 880)
    for key in (NOVA, ZEPHYR):
        bench.toggle(key)
    bench.speak_missing()
    await settle()
    panel.toggle_blind()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_1):
        qtbot.keyClick(panel.blind_view, key)
        await settle()
    painted: list[int] = []
    monkeypatch.setattr(panel.blind_view, "_paint_chance", lambda painter, box, standing: painted.append(box.width()))
    panel.blind_view.grab()
    assert len(painted) == bars
    assert all(room > 100 for room in painted)


async def test_a_blind_comparison_leaves_out_who_has_no_clip_of_its_own_and_says_so(
    panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine
) -> None:
    engine.failing, engine.replaced = {"luke"}, {"zephyr"}
    for key in (NOVA, ZEPHYR, LUKE):
        bench.toggle(key)
    bench.speak_missing()
    await settle()
    panel.toggle_blind()
    passed_over = "Left out: zephyr (English (local) speaks in its place), luke (failed)"
    assert panel.note.text() == f"A blind comparison needs two clips of the same speed. {passed_over}"
    bench.toggle(LOCAL)
    bench.try_again((LOCAL, 1.0))
    bench.toggle("openai:coral")
    await settle()
    panel.toggle_blind()
    view = panel.blind_view
    assert panel._stack.currentWidget() is view
    assert {contender.title for contender in bench.contenders()} == {"nova", "English (local)"}
    assert view.accessibleDescription().startswith("Pair 1 of 1. ")
    assert view.accessibleDescription().endswith(f"{passed_over}, coral (not spoken)")


async def test_a_voice_without_the_speed_that_is_compared_is_left_out(bench: BenchModel) -> None:
    bench.toggle(NOVA)
    bench.toggle(ZEPHYR)
    bench.speak_missing()
    await settle()
    bench.select((NOVA, 1.5))
    assert bench.left_out() == "Left out: zephyr (no speed control)"


async def test_nothing_is_clipped_in_any_state(panel: BenchPanel, bench: BenchModel, engine: SpeakingEngine) -> None:
    for key in (NOVA, ZEPHYR, LUKE, LOCAL):
        bench.toggle(key)
    for speed in (0.25, 0.5, 4.0):
        bench.set_speed(speed, True)
    panel.resize(950, 640)
    engine.failing = {"nova"}
    bench.speak_missing()
    panel.grab()
    await settle()
    panel.grab()
    assert panel.grid.horizontalScrollBar().maximum() == 0
    assert panel.foot.geometry().bottom() <= panel.height()
