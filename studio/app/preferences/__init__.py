"""What the person prefers, in every project."""
