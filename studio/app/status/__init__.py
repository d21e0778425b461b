"""The status bar: facts in a few words."""
