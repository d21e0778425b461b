"""The list of voices, with an audition where an engine can speak."""
