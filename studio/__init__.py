"""Voice Agent Studio: design, hear, debug and ship voice agents on the desk."""

__version__ = "0.1.0"
