"""What the caller does, and what it does to the agent: cuts, held input, delivery, timeouts."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from studio.agents.link import AgentLink
from studio.runtime.clock import time_of
from studio.runtime.items import Item
from studio.runtime.journal import Journal
from studio.runtime.listening import Utterance
from studio.runtime.runs import Runs
from studio.runtime.speaking import Speaking
from studio.runtime.transcript import ConversationTranscript
from studio.sessions.records import CALLER_RATE, NOTICE, TURN

_FALSE_INTERRUPTION_S = 2.0


@dataclass(slots=True)
class CallerInput:
    """Something to give to the handler."""

    wire: str
    data: dict[str, Any]
    origin: str
    facts: dict[str, Any] = field(default_factory=dict)


class Inputs:
    """Decides what an input cuts, whether it waits, and gives it to the handler."""

    def __init__(
        self,
        journal: Journal,
        speaking: Speaking,
        runs: Runs,
        link: AgentLink,
        transcript: ConversationTranscript,
        language: Callable[[], str],
        held_speech: Callable[[], str],
    ) -> None:
        self._journal = journal
        self._speaking = speaking
        self._runs = runs
        self._link = link
        self._transcript = transcript
        self._language = language
        self._held_speech = held_speech
        self._held: deque[CallerInput] = deque()
        self._after_cut: deque[CallerInput] = deque()
        self._cutting: set[str] = set()
        """Items that were cut and whose heard part is not known yet."""
        self._voice_cut: asyncio.TimerHandle | None = None
        self._voice_cut_open = False
        self._timeouts = 0
        self._last_input = 0
        self.closed = False
        """The call is over for the caller: what still comes is recorded, not delivered."""
        self.on_delivered: Callable[[], None] = lambda: None

    @property
    def waiting(self) -> bool:
        """Whether an input has not reached the handler yet."""
        return bool(self._held or self._after_cut)

    # ---- what the caller does

    def typed(self, text: str) -> None:
        """The caller typed a line."""
        self._receive(CallerInput("text", {"source": "text", "text": text, "language": None}, "typed"))

    def keys(self, digits: str) -> None:
        """The caller pressed keys."""
        self._receive(CallerInput("dtmf", {"digits": digits}, "keys"))

    def utterance(self, utterance: Utterance) -> None:
        """The caller's spoken turn has ended."""
        transcript = utterance.transcript
        if not transcript.text.strip():
            if self._voice_cut_open:
                self._voice_cut = asyncio.get_running_loop().call_later(_FALSE_INTERRUPTION_S, self._false_interruption)
            return
        self._forget_voice_cut()
        facts = {
            "voice_end": time_of(utterance.voice_end, CALLER_RATE),
            "start": utterance.voice_start,
            "end": utterance.voice_end,
            "certain": transcript.certain,
            "alternative": transcript.alternative,
        }
        data = {"source": "speech", "text": transcript.text, "language": transcript.language or self._language()}
        self._receive(CallerInput("text", data, "speech", facts))

    def voice_lasts(self, caller_sample: int) -> None:
        """Voice has lasted long enough to cut what may be cut."""
        if not self._speaking.interruptible:
            return
        self._voice_cut_open = True
        self._barge_in("voice", {"caller_sample": caller_sample})
        if self._runs.active:
            self._runs.active.interrupted = True

    def timeout(self) -> None:
        """The caller has been silent for long. Never cancels anything."""
        self._timeouts += 1
        elapsed = (self._journal.now() - self._last_input) // 1_000_000
        self._start(CallerInput("timeout", {"count": self._timeouts, "ms_since_input": elapsed}, "silence"))

    def start(self) -> None:
        """The session's first event."""
        self._start(CallerInput("start", {}, "start"))

    def end(self) -> None:
        """The session's last event."""
        self.closed = True
        self._start(CallerInput("stop", {}, "end"))

    # ---- what comes of it

    def item_ended(self, item: Item) -> None:
        """An item of the agent left the queue: a cut may be complete, held input may go."""
        self._cutting.discard(item.id)
        if not self._cutting:
            while self._after_cut:
                self._start(self._after_cut.popleft())
        if self._held and not self._speaking.protected:
            self._release_held()

    def drop_all(self) -> None:
        """Nothing more is delivered."""
        self.closed = True
        self._held.clear()
        self._after_cut.clear()
        self._forget_voice_cut()

    def _receive(self, given: CallerInput) -> None:
        if self.closed or self._speaking.committed:
            self._journal.add(
                NOTICE,
                "after_the_end",
                {"origin": given.origin, "data": given.data},
                turn=self._runs.turn,
                message="The call is ending: this was recorded, not delivered to the handler.",
            )
            return
        if self._speaking.protected:
            self._hold(given)
            return
        if self._speaking.unplayed:
            self._barge_in(given.origin, {})
        if self._runs.active and self._runs.active.wire != "stop":
            self._runs.cancel()
        self._link.send({"type": "cancel_tasks", "which": "interruptible", "now": self._journal.now()})
        if self._cutting:
            self._after_cut.append(given)  # delivered when it is known what was heard
        else:
            self._start(given)

    def _barge_in(self, origin: str, facts: dict[str, Any]) -> None:
        by = {"speech": "voice", "typed": "text"}.get(origin, origin)
        gone = self._speaking.cut(by)
        if gone:
            self._cutting.update(item.id for item in gone)
            self._journal.add(TURN, "barge_in", {"by": by, **facts}, turn=gone[0].turn, cause=gone[0].out)

    def _hold(self, given: CallerInput) -> None:
        text = str(given.data.get("text") or given.data.get("digits") or "")
        if given.origin == "speech" and self._held_speech() == "drop":
            self._journal.add(
                TURN,
                "speech_dropped",
                {"text": text},
                turn=self._runs.turn,
                message="Dropped: the caller spoke during a line that may not be interrupted.",
            )
            return
        self._journal.add(
            TURN,
            "speech_held",
            {"text": text, "origin": given.origin},
            turn=self._runs.turn,
            message="Held until the line that may not be interrupted has ended.",
        )
        self._held.append(given)

    def _release_held(self) -> None:
        """Give the handler what waited: utterances joined in order into one, typed lines and keys each their own."""
        waiting, self._held = list(self._held), deque()
        spoken = [given for given in waiting if given.origin == "speech"]
        if len(spoken) > 1:
            first, last = spoken[0], spoken[-1]
            first.data["text"] = " ".join(given.data["text"] for given in spoken)
            first.facts["end"] = last.facts["end"]
            first.facts["voice_end"] = last.facts["voice_end"]
            waiting = [given for given in waiting if given.origin != "speech" or given is first]
        self._journal.add(TURN, "held_delivered", {"inputs": len(waiting)}, turn=self._runs.turn)
        for given in waiting:
            self._receive(given)

    def _start(self, given: CallerInput) -> None:
        data = dict(given.data)
        if given.origin in ("speech", "typed", "keys"):
            self._timeouts = 0
            before = self._transcript.last_agent_row()
            if before and before["interrupted"]:
                data["previous_turn_interrupted"] = True
                data["previous_turn_agent_transcript"] = before["content"]
            self._transcript.caller(str(data.get("text") or ""))
        if given.origin != "silence":
            self._last_input = self._journal.now()
        self._speaking.sounded = self._speaking.unplayed and self._speaking.sounded
        self._runs.start(given.wire, data, given.origin, {"transcript": self._transcript.rows}, given.facts)
        self.on_delivered()

    def _false_interruption(self) -> None:
        self._voice_cut = None
        self._voice_cut_open = False
        self._journal.add(
            TURN,
            "false_interruption",
            {},
            turn=self._runs.turn,
            level="warning",
            message="The agent was cut, but no words followed.",
        )

    def _forget_voice_cut(self) -> None:
        self._voice_cut_open = False
        if self._voice_cut:
            self._voice_cut.cancel()
            self._voice_cut = None
