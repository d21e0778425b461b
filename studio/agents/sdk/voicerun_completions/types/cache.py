"""Marks for a provider's cache: those of the newer package."""

from primfunctions.completions.messages import CacheBreakpoint

__all__ = ["CacheBreakpoint"]
