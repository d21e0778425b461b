"""A change that the service confirms or refuses."""

import asyncio

from studio.providers.socket_ear import CONNECT_S


class Pending:
    """One change at a time."""

    def __init__(self) -> None:
        self._answer: asyncio.Future[bool] | None = None

    async def wait(self) -> bool:
        """Whether the service has done it; False where it does not say."""
        self._answer = asyncio.get_running_loop().create_future()
        await asyncio.wait([self._answer], timeout=CONNECT_S)
        return self._answer.done() and self._answer.result()

    def answer(self, *, done: bool) -> None:
        """The service has answered."""
        if self._answer and not self._answer.done():
            self._answer.set_result(done)
