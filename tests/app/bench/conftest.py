from tests.app.time_views import quiet_qt

__all__ = ["quiet_qt"]
