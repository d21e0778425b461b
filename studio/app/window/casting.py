"""The voices page in its window: its commands, and what it gives to and takes from the code."""

from PySide6.QtWidgets import QMenu

from studio.app.commands import Commands
from studio.app.editor.area import EditorArea
from studio.app.editor.speech_call import Delivery, SpokenLine, spoken_lines
from studio.app.status.model import StatusModel
from studio.app.voices.panel import VoicesPanel
from studio.app.window.main_window import MainWindow

_MOST_LINES = 40
_LINE_LENGTH = 80


def add_casting(
    commands: Commands, window: MainWindow, voices: VoicesPanel, editor: EditorArea, status: StatusModel
) -> None:
    """Register what can be done with voices, and connect the page with the editor."""
    panel = voices.bench
    bench = panel.bench

    def insert(delivery: Delivery, text: str) -> None:
        window.show_desk()
        insertion = editor.write_delivery(text, delivery)
        if insertion is None:
            return
        name = delivery.voice if isinstance(delivery.voice, str) else delivery.voice["identifier"]
        done = f"The event speaks with {name} now." if insertion.replaces else f"An event with {name} was inserted."
        status.notice(f"{done} {insertion.note}".strip(), "warning" if insertion.note else "info", passing=True)

    def pick() -> None:
        document, code = editor.document, editor.editor
        lines = spoken_lines(code.text()) if code and document and document.path.suffix == ".py" else []
        menu = QMenu(panel)
        for line in lines[:_MOST_LINES]:
            text = line.text if len(line.text) <= _LINE_LENGTH else f"{line.text[: _LINE_LENGTH - 1]}…"
            file = document.path.name if document else ""
            menu.addAction(f"{line.line}   {text}".replace("&", "&&"), lambda line=line, file=file: take(file, line))
        if not lines:
            nothing = "No line stands literally in the file that is open in the editor."
            menu.addAction(nothing).setEnabled(False)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(panel.card.pick.mapToGlobal(panel.card.pick.rect().bottomLeft()))

    def take(file: str, line: SpokenLine) -> None:
        bench.use_line(file, line)
        panel.grid.setFocus()

    def shown() -> bool:
        return window.page == "voices"

    def on_bench() -> bool:
        return shown() and bench.cell is not None

    voices.insert_wanted.connect(insert)
    voices.pick_wanted.connect(pick)
    for id, title, run, shortcut, enabled in (
        ("voices.search", "Search the voices", voices.browser.search.setFocus, "", shown),
        ("voices.example", "Play the voice's example", voices.play_example, "", shown),
        ("voices.bench", "Put the voice on the bench, or take it away", voices.toggle_on_bench, "", shown),
        ("voices.star", "Make the voice a favourite, or no longer", voices.toggle_star, "", shown),
        ("bench.grid", "Go to the clips", panel.grid.setFocus, "", shown),
        ("bench.text", "Write what the voices say", panel.card.text.setFocus, "", shown),
        ("bench.pick", "Pick a line of the open agent", pick, "Ctrl+Shift+L", shown),
        ("bench.speak", "Speak what is missing, or cancel", panel.speak_or_cancel, "Ctrl+Return", shown),
        ("bench.anew", "Speak all clips anew, to measure their services", bench.speak_anew, "", shown),
        ("bench.play", "Play or stop the selected clip", panel.play_or_stop, "", on_bench),
        ("bench.speeds", "Choose the speeds of the bench", panel.choose_speeds, "", shown),
        ("bench.phone", "Hear the clips through a phone line, or plain", panel.toggle_phone, "Ctrl+Alt+P", shown),
        ("bench.blind", "Compare blind, or end it", panel.toggle_blind, "Ctrl+Alt+A", shown),
        ("bench.insert", "Insert the selected voice at the cursor", panel.insert, "", on_bench),
        ("bench.export", "Write the casting sheet…", panel.export, "", shown),
    ):
        commands.add(id, title, run, shortcut=shortcut, enabled=enabled, group="Voices")
