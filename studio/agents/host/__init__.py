"""The program that runs one agent: started by path in the agent's own interpreter, standard library only.

It speaks frames (`studio/agents/link.py` describes them) over the pipes it was started with and knows nothing else of
the studio.
"""
