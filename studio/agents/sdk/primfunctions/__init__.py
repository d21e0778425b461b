"""The interface that VoiceRun agents are written against, for running them in the studio.

Standard library only, Python 3.11 or newer. Agents import the submodules by name; importing this package loads none.
"""
