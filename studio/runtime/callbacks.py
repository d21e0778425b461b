"""Status callbacks: what an agent wants to be told of its recordings, posted to its URL until it arrives."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from studio.providers.hosts import on_this_machine
from studio.runtime.journal import Journal
from studio.runtime.reach import Reach
from studio.runtime.web import WebError, host_of, post_json
from studio.sessions.records import EFFECT, NOTICE, Level, Record

PAUSES_S = (1, 2, 4, 8)
"""How long after a failed attempt the next one is made."""
WITHIN_S = 5.0
"""How long an attempt may take."""
GRACE_S = 10.0
"""How long the end of a session waits for what has not arrived."""


@dataclass(frozen=True, slots=True)
class Callback:
    """Something to post. `about` is the record it concerns, `id` the recording."""

    url: str
    body: Mapping[str, Any]
    about: Record
    id: str


class Callbacks:
    """Posts, tries again, and says what became of it. Nothing here holds the session up but `settle`.

    A host that is not this machine is asked about once per project (the setting `recording_callbacks`): until somebody
    has answered, its callbacks are held.
    """

    def __init__(self, journal: Journal, reach: Reach, permission: Callable[[], str]) -> None:
        """`permission` gives ask, send or hold."""
        self._journal = journal
        self._reach = reach
        self._permission = permission
        self._held: list[Callback] = []
        self._posting: dict[asyncio.Task[None], Callback] = {}
        self._given_up = asyncio.Event()

    def announce(self, url: str, about: Record, id: str) -> None:
        """A recording began whose end is to be told to that URL: ask in time whether that is wanted."""
        if self._permission() == "ask" and not on_this_machine(url):
            self._note(
                Callback(url, {}, about, id),
                "callback_asked",
                f"The agent wants {host_of(url)} to be told when its recording is done. That is held until you allow it: "
                'write recording_callbacks = "send" (or "hold") in .studio/settings.toml.',
            )

    def post(self, url: str, body: Mapping[str, Any], about: Record, id: str) -> None:
        """Post it, or hold it where nobody has allowed it."""
        callback = Callback(url, body, about, id)
        if not on_this_machine(url):
            if (answer := self._permission()) != "send":
                why = "you have not allowed it" if answer == "ask" else "the setting recording_callbacks says so"
                sentence = f"{host_of(url)} is not told of the recording: {why}."
                self._note(callback, "callback_held", sentence, level="warning" if answer == "ask" else "info")
                self._held.append(callback)
                return
            if refusal := self._reach.refusal(url):
                self._note(callback, "callback_held", f"{host_of(url)} is not told of the recording: {refusal}.")
                return
        task = asyncio.create_task(self._deliver(callback))
        self._posting[task] = callback
        task.add_done_callback(lambda done: self._posting.pop(done, None))

    def permission_changed(self) -> None:
        """Post what was held, if that is allowed now."""
        if self._permission() == "send":
            held, self._held = self._held, []
            for callback in held:
                self.post(callback.url, callback.body, callback.about, callback.id)

    def give_up(self) -> None:
        """Nobody wants to wait any longer."""
        self._given_up.set()

    async def settle(self, grace_s: float = GRACE_S) -> None:
        """Wait for what is under way, so long at most; what has not arrived by then is told and dropped."""
        if not self._posting:
            return
        patience = asyncio.create_task(self._given_up.wait())
        arrived = asyncio.gather(*self._posting, return_exceptions=True)
        await asyncio.wait({arrived, patience}, timeout=grace_s, return_when=asyncio.FIRST_COMPLETED)
        patience.cancel()
        left = dict(self._posting)
        for task, callback in left.items():
            task.cancel()
            sentence = f"The session ended before {callback.url} was told of the recording: it is not told any more."
            self._note(callback, "callback_unsent", sentence)
        await asyncio.gather(patience, arrived, return_exceptions=True)

    async def _deliver(self, callback: Callback) -> None:
        attempt = 0
        for attempt, pause in enumerate((*PAUSES_S, 0), 1):
            try:
                status = await post_json(callback.url, callback.body, within_s=WITHIN_S)
            except WebError as error:
                self._tell(callback, "callback_failed", attempt, error.status, f"Not told of the recording: {error}.")
                if error.lasting:
                    break
            else:
                self._tell(callback, "callback_sent", attempt, status)
                return
            if pause:
                await asyncio.sleep(pause)
        times = "once" if attempt == 1 else f"{attempt} times"
        sentence = f"{callback.url} could not be told of the recording; it was tried {times}."
        self._note(callback, "callback_unsent", sentence)

    def _tell(self, callback: Callback, event: str, attempt: int, status: int, message: str = "") -> None:
        about = callback.about
        self._journal.add(
            EFFECT,
            event,
            {"url": callback.url, "attempt": attempt, "status": status},
            id=callback.id,
            cause=about.id,
            turn=about.turn,
            run=about.run,
            level="warning" if message else "info",
            message=message,
        )

    def _note(self, callback: Callback, code: str, sentence: str, level: Level = "warning") -> None:
        about = callback.about
        facts = {"out": about.id, "url": callback.url, "host": host_of(callback.url), "recording": callback.id}
        self._journal.add(
            NOTICE, code, facts, cause=about.id, turn=about.turn, run=about.run, level=level, message=sentence
        )
