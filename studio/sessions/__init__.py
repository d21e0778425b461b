"""What happened: records, their files, the library of sessions, and the views' way to both."""
