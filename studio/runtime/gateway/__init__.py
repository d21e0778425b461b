"""What an agent asks of its host while it runs: language models, decisions, shared data. One per session."""
