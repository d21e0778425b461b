"""Types of the older completions package, by the modules that agents import them from."""
