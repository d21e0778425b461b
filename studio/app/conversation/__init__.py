"""What was said and heard, line by line, and the line to type in."""
