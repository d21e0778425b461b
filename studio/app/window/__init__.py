"""The main window: where panels stand, and what puts them together."""
