"""The casting bench: one text, many voices, many speeds, heard side by side."""
