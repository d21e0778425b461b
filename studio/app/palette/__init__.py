"""The command palette: everything by name, with the keyboard alone."""
