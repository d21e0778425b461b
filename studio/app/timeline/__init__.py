"""The timeline: everything that happens in a session, on one clock."""
