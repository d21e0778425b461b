"""The inspector: one record and what belongs to it, in words."""
