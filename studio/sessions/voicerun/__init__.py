"""Sessions of VoiceRun's debugger: its JSON read into a session file, and written from one."""
