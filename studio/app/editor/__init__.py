"""The editor: open files, their text on disk and on screen."""
