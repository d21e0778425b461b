"""What the window says and asks about an agent's packages."""
