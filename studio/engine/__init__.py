"""The process that runs sessions, and the way to it: server, client, wire, supervision."""
