"""Run, Stop, channel, microphone and speaker."""
