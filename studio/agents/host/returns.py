"""Where a handler returns what it should yield."""

import ast
import inspect
import textwrap
import warnings
from collections.abc import Callable, Iterator
from typing import Any


def line_of_return(handler: Callable[..., Any]) -> tuple[str, int, str]:
    """File, line and name of a coroutine's only `return` with a value; of several nobody knows which: its `def`."""
    function = inspect.unwrap(handler)
    if not inspect.isroutine(function):
        function = type(function).__call__
    code = getattr(function, "__code__", None)
    if code is None:
        return "", 0, ""
    try:
        lines, first = inspect.getsourcelines(code)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # told when the module was imported
            body = ast.parse(textwrap.dedent("".join(lines))).body[0]
    except (OSError, SyntaxError, IndexError):
        return code.co_filename, code.co_firstlineno, code.co_name
    found = list(_returns(body))
    line = first + found[0].lineno - 1 if len(found) == 1 else first + body.lineno - 1
    return code.co_filename, line, code.co_name


def _returns(node: ast.AST) -> Iterator[ast.Return]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Return) and child.value is not None:
            yield child
        elif not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _returns(child)
