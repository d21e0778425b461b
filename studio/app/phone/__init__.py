"""The telephone channel: who calls whom, and the keys that the caller presses."""
