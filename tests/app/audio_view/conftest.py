from tests.app.time_views import faces, quiet_qt

__all__ = ["faces", "quiet_qt"]
