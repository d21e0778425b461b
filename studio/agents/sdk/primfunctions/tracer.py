"""Marks functions as tools for traces. Outside the platform the marks only name the function."""

import functools
import inspect
import sys
from collections.abc import Callable
from typing import Any


def tool(
    name: Any = None, description: str | None = None, parameters: dict[str, Any] | None = None
) -> Callable[..., Any]:
    """Wrap a function, sync or async, that a model may call. Usable with and without parentheses."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        async def asynchronous(*args: Any, **kwargs: Any) -> Any:
            return await function(*args, **kwargs)

        @functools.wraps(function)
        def synchronous(*args: Any, **kwargs: Any) -> Any:
            return function(*args, **kwargs)

        return asynchronous if inspect.iscoroutinefunction(function) else synchronous

    return mark(name) if callable(name) else mark


tracer = sys.modules[__name__]
"""`from primfunctions.tracer import tracer` gives what `from primfunctions import tracer` gives."""
