"""The lines that were spoken once and are kept for a week: seen, heard and cleared."""
