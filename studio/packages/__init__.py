"""Agents in and out of the studio: export, import, and what must be true before either."""
