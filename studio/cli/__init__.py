"""The `studio` command; one module per subcommand."""
