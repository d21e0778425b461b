"""Colours, faces and icons of the window."""
