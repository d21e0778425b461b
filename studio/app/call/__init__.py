"""The window's model of the engine: the call that runs, the session that is shown, devices and settings."""
