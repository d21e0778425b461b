"""Comparing voices: lines spoken whole and measured, their pace, and the table of what was heard."""
