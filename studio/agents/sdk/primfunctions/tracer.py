"""Marks functions as tools for traces. Outside the platform the marks only name the function."""

import functools
import inspect as _inspect
from collections.abc import Callable
from typing import Any


class Tracer:
    """Marks functions; `tracer` is the one that there is."""

    def tool(
        self,
        wrapped_function: Callable[..., Any] | None = None,
        /,
        *,
        name: str | None = None,
        description: str | None = None,
        parameters: dict[str, Any] | None = None,
    ) -> Callable[..., Any]:
        """Wrap a function, sync or async, that a model may call. Usable with and without parentheses."""
        return _mark if wrapped_function is None else _mark(wrapped_function)


def _mark(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    async def asynchronous(*args: Any, **kwargs: Any) -> Any:
        return await function(*args, **kwargs)

    @functools.wraps(function)
    def synchronous(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return asynchronous if _inspect.iscoroutinefunction(function) else synchronous


tracer = Tracer()
