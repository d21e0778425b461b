"""Asking for the variables that an agent's code reads and that nobody gave."""
