"""The list of recorded sessions."""
