"""The commands of the window and the editor."""

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from studio.app.commands import Commands
from studio.app.editor.area import EditorArea
from studio.app.palette.palette import Palette
from studio.app.preferences.dialog import PreferencesDialog
from studio.app.preferences.settings import Settings
from studio.app.window.main_window import MainWindow


def add_window_commands(commands: Commands, window: MainWindow, palette: Palette, settings: Settings) -> None:
    """Register pages, folding, the palette and the settings."""
    desk = window.desk
    add = commands.add

    def page(key: str) -> Callable[[], None]:
        return lambda: window.show_page(key)

    def deck(key: str) -> Callable[[], None]:
        return lambda: window.show_deck(key)

    def toggle(name: str) -> Callable[[], None]:
        return lambda: desk.toggle(name)

    add("view.palette", "Run a command…", palette.open_with, shortcut="Ctrl+K", group="View")
    add("view.files", "Go to a file…", lambda: palette.open_with("/"), shortcut="Ctrl+P", group="View")
    add("view.line", "Go to a line…", lambda: palette.open_with(":"), shortcut="Ctrl+G", group="View")
    add("view.project", "Project", page("project"), shortcut="Ctrl+1", group="View")
    add("view.voices", "Voices", page("voices"), shortcut="Ctrl+2", group="View")
    add("view.sessions", "Sessions", page("sessions"), shortcut="Ctrl+3", group="View")
    add("view.providers", "Providers", page("providers"), shortcut="Ctrl+6", group="View")
    add("view.timeline", "Timeline", deck("timeline"), shortcut="Ctrl+4", group="View")
    add("view.log", "Log", deck("log"), shortcut="Ctrl+5", group="View")
    add("view.fold_side", "Fold or unfold the left panel", toggle("side"), shortcut="Ctrl+B", group="View")
    add(
        "view.fold_conversation",
        "Fold or unfold the conversation",
        toggle("conversation"),
        shortcut="Ctrl+Alt+B",
        group="View",
    )
    add("view.fold_timeline", "Fold or unfold the timeline", toggle("timeline"), shortcut="Ctrl+J", group="View")
    add("view.fold_inspector", "Fold or unfold the inspector", toggle("inspector"), shortcut="Ctrl+I", group="View")
    add(
        "view.float_timeline",
        "Timeline as a window of its own, or back",
        desk.float_timeline,
        shortcut="Ctrl+Shift+J",
        group="View",
    )

    def quit_studio() -> None:
        window.close()

    def choose_theme(theme: str) -> Callable[[], None]:
        return lambda: setattr(settings, "theme", theme)

    for key, title in (("dark", "Dark theme"), ("light", "Light theme"), ("system", "Theme of the system")):
        add(f"view.theme_{key}", title, choose_theme(key), group="View")
    add(
        "app.settings",
        "Settings…",
        lambda: PreferencesDialog(settings, commands["app.speech_cache"].run, window).open(),
        shortcut="Ctrl+,",
        group="Studio",
    )
    add("app.quit", "Quit", quit_studio, shortcut="Ctrl+Q", group="Studio")


def add_editor_commands(commands: Commands, area: EditorArea, settings: Settings) -> None:
    """Register what can be done with the open files."""
    add = commands.add

    def there() -> bool:
        return area.editor is not None

    def in_code(widget: QWidget | None) -> bool:
        return widget is not None and area.isAncestorOf(widget)

    def zoom(step: int) -> None:
        settings.font_size = 13 if step == 0 else settings.font_size + step

    def step_tab(step: int) -> None:
        count = area.tabs.count()
        area.tabs.setCurrentIndex((area.tabs.currentIndex() + step) % count)

    def comment() -> None:
        if area.editor and in_code(area.window().focusWidget()):
            area.editor.toggle_comment()

    def focus() -> None:
        if area.editor:
            area.editor.setFocus()

    def save() -> None:
        area.save()

    def save_all() -> None:
        area.save_all()

    for id, title, run, shortcut in (
        ("editor.save", "Save", save, "Ctrl+S"),
        ("editor.save_all", "Save all", save_all, "Ctrl+Shift+S"),
        ("editor.close", "Close the file", area.close_current, "Ctrl+W"),
        ("editor.find", "Find in the file", lambda: area.find_bar.open_bar(False), "Ctrl+F"),
        ("editor.replace", "Replace in the file", lambda: area.find_bar.open_bar(True), "Ctrl+Alt+F"),
        ("editor.comment", "Comment or uncomment the lines", comment, "Ctrl+/"),
        ("editor.next_tab", "Next file", lambda: step_tab(1), "Ctrl+PgDown"),
        ("editor.previous_tab", "Previous file", lambda: step_tab(-1), "Ctrl+PgUp"),
        ("editor.focus", "Go to the code", focus, "Ctrl+0"),
        ("editor.larger", "Larger code", lambda: zoom(1), "Ctrl++"),
        ("editor.smaller", "Smaller code", lambda: zoom(-1), "Ctrl+-"),
        ("editor.usual_size", "Code in its usual size", lambda: zoom(0), ""),
    ):
        add(id, title, run, shortcut=shortcut, enabled=there, group="Editor")
    area.zoomed.connect(zoom)
