"""Marks for a provider's cache: those of the newer package."""

from typing import Any

from primfunctions.completions import CacheBreakpoint

CacheBreakpointDict = dict[str, Any]

__all__ = ["CacheBreakpoint", "CacheBreakpointDict"]
