"""The log: what the agent wrote and what the studio has to say, line by line."""
