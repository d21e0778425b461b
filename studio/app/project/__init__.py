"""The open project: its files, its checks, and how projects are opened and made."""
