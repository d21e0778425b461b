"""Helpers that agents import by name."""
