"""What the engine has to know of the window: the open project and what is to be kept of sessions."""

from studio.app.call.model import CallModel
from studio.app.preferences.settings import Settings
from studio.app.project.model import ProjectModel


def tell_engine(call: CallModel, project: ProjectModel, settings: Settings) -> None:
    """Tell the engine at its start, and whenever something of it changes."""
    was_off = True

    def open_project() -> None:
        if call.phase != "off" and project.path is not None:
            call.order("open_project", path=str(project.path))  # keeps a warm child for its environment

    def keep() -> None:
        if call.phase != "off":
            limit = round(settings.sessions_limit_gb * 2**30)
            call.order("keep", on=settings.keep_sessions, limit_bytes=limit)

    def look() -> None:
        nonlocal was_off
        off = call.phase == "off"
        if was_off and not off:
            was_off = False
            keep()
            open_project()
            call.sessions_changed()
        was_off = off

    call.changed.connect(look)
    project.changed.connect(open_project)
    settings.changed.connect(keep)
    look()
