"""Runs commands by name; what they take is checked against their own annotations."""

import asyncio
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from studio.engine.connection import CommandError

Command = Callable[..., Any]
"""May return an awaitable."""


class Commands:
    """The commands of an engine. Parameters are validated by pydantic, once per call, never per record."""

    def __init__(self, table: Mapping[str, Command]) -> None:
        self._table = table
        self._checked: dict[str, Command] = {}
        self._in_order = asyncio.Lock()

    def prepare(self) -> None:
        """Make all checks before they are needed; off the loop, since it takes a while."""
        for name in self._table:
            self._validated(name)

    async def run(self, command: str, params: dict[str, Any]) -> Any:
        """Run a command; they begin in the order in which they come.

        Raises CommandError for an unknown one and for parameters that do not fit.
        """
        if command not in self._table:
            raise CommandError(f"The engine knows no command '{command}'.")
        try:
            inspect.signature(self._table[command]).bind(**params)
        except TypeError as error:
            raise CommandError(f"The command {command} was called wrongly: {error}.") from None
        async with self._in_order:
            check = self._checked.get(command) or await asyncio.to_thread(self._validated, command)
        from pydantic import ValidationError  # loaded by now

        try:
            result = check(**params)
            if inspect.isawaitable(result):  # an async command is checked when it is awaited
                result = await result
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"])
            raise CommandError(f"The command {command} was called wrongly: {where}: {first['msg']}.") from None
        return {} if result is None else result

    def _validated(self, name: str) -> Command:
        if name not in self._checked:
            from pydantic import ConfigDict, validate_call

            self._checked[name] = validate_call(self._table[name], config=ConfigDict(arbitrary_types_allowed=True))  # type: ignore[call-overload]
        return self._checked[name]
