"""An agent on disk and the child process that runs it."""
