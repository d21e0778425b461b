"""The vocabulary of VoiceRun events: classes, wire names, fields, and what each is allowed to do where."""
