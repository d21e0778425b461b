"""The Audio view: both lines large, their levels, voice activity and the end of the caller's turn."""
