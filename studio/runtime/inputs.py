"""What the caller does, and what it does to the agent: cuts, held input, delivery, timeouts."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.agents.link import AgentLink
from studio.agents.session_settings import SessionSettings
from studio.runtime.clock import time_of
from studio.runtime.interruption import by_words, interrupts, is_backchannel
from studio.runtime.items import Item
from studio.runtime.journal import Journal
from studio.runtime.keypad import Keypad
from studio.runtime.listening import Utterance
from studio.runtime.runs import Run, Runs
from studio.runtime.speaking import Speaking
from studio.runtime.transcript import ConversationTranscript
from studio.sessions.records import CALLER_RATE, NOTICE, TURN

_FALSE_INTERRUPTION_S = 2.0
_DID = {"speech": "spoke", "typed": "typed", "keys": "pressed keys"}
"""What the caller does, by the origin of the input that comes of it."""


@dataclass(slots=True)
class CallerInput:
    """Something to give to the handler."""

    wire: str
    data: dict[str, Any]
    origin: str
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """What the caller said, typed or pressed."""
        return str(self.data.get("text") or self.data.get("digits") or "")


class Inputs:
    """Decides what an input cuts, whether it waits, and gives it to the handler."""

    def __init__(
        self,
        journal: Journal,
        speaking: Speaking,
        runs: Runs,
        link: AgentLink,
        transcript: ConversationTranscript,
        settings: Callable[[], SessionSettings],
    ) -> None:
        self._journal = journal
        self._speaking = speaking
        self._runs = runs
        self._link = link
        self._transcript = transcript
        self._settings = settings
        self._keypad = Keypad(journal, lambda: settings().dtmf_timeout, lambda: runs.turn, self._keys_complete)
        self._held: deque[CallerInput] = deque()
        self._after_cut: deque[CallerInput] = deque()
        self._cutting: set[str] = set()
        """Items that were cut and whose heard part is not known yet."""
        self._cut_by_voice: list[Item] = []
        """What voice has cut, until words or the lack of them say whether that was an interruption."""
        self._voice_cut: asyncio.TimerHandle | None = None
        self._voice_cut_open = False
        self._voice_from: int | None = None
        """Where the voice began that lasts during a line which may not be cut."""
        self._timeouts = 0
        self._last_input = 0
        self.closed = False
        """The call is over for the caller: what still comes is recorded, not delivered."""
        self.refused = False
        """The agent has closed the gate (`InputAllowedEvent(False)`): the caller neither cuts nor is heard."""
        self.on_delivered: Callable[[], None] = lambda: None
        self.on_false_interruption: Callable[[list[Item]], None] = lambda items: None
        """Gets the items that a cough cut."""

    @property
    def waiting(self) -> bool:
        """Whether an input has not reached the handler yet."""
        return bool(self._held or self._after_cut or self._keypad.busy)

    def hand_over(self, link: AgentLink) -> None:
        """Give what comes from now on to another agent."""
        self._link = link
        self._timeouts = 0
        self._last_input = self._journal.now()
        self.closed = self.refused = False

    # ---- what the caller does

    def typed(self, text: str) -> None:
        """The caller typed a line."""
        self._receive(CallerInput("text", {"source": "text", "text": text, "language": None}, "typed"))

    def keys(self, digits: str) -> None:
        """The caller pressed keys, one after another."""
        given = CallerInput("dtmf", {"digits": digits}, "keys")
        if self._is_kept_out(given):
            return
        if self._speaking.committed:
            self._receive(given)  # nobody waits for the rest of a group
            return
        for key in digits:
            if self._speaking.interruptible:
                self._cut_run("keys", {})
            self._keypad.press(key)

    def utterance(self, utterance: Utterance) -> None:
        """The caller's spoken turn has ended."""
        transcript = utterance.transcript
        if not transcript.text.strip():
            if self._voice_cut_open:
                if self._voice_cut:
                    self._voice_cut.cancel()
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
        data = {
            "source": "speech",
            "text": transcript.text,
            "language": transcript.language or self._settings().stt_language,
        }
        self._receive(CallerInput("text", data, "speech", facts))

    def voice_lasts(self, caller_sample: int) -> None:
        """Voice has lasted long enough to cut what may be cut."""
        if self.refused or by_words(self._settings()):
            return
        if self._speaking.interruptible:
            self._voice_cut_open = True
            self._cut_by_voice += self._cut_run("voice", {"caller_sample": caller_sample})
        elif self._speaking.protected:
            self._voice_from = caller_sample
            self._hold_back()

    def voice_ended(self) -> None:
        """Nobody speaks any more, or just not now."""
        self._voice_from = None
        self._hold_back()

    def words(self, text: str) -> None:
        """The caller has said so much of an utterance by now, as far as the recogniser can tell."""
        settings = self._settings()
        counted = by_words(settings) and interrupts(text, settings)
        if counted and self._speaking.interruptible and not self.refused:
            self._cut_run("voice", {"text": text})

    def timeout(self) -> None:
        """The caller has been silent for long. Never cancels anything."""
        self._timeouts += 1
        elapsed = (self._journal.now() - self._last_input) // 1_000_000
        self._start(CallerInput("timeout", {"count": self._timeouts, "ms_since_input": elapsed}, "silence"))

    def event(self, wire: str, data: Mapping[str, Any], origin: str) -> Run:
        """An event that does not come from the caller: it cuts and cancels nothing, and goes beside what runs."""
        return self._start(CallerInput(wire, dict(data), origin), beside=True)

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
                self._runs.cancel()  # of several inputs during one cut each cancels the one before
                self._start(self._after_cut.popleft())
        if self._held and not self._speaking.protected:
            self._release_held()
        if self._voice_from is not None and not self._speaking.protected:
            began, self._voice_from = self._voice_from, None
            self.voice_lasts(began)
        self._hold_back()

    def drop_all(self) -> None:
        """Nothing more is delivered."""
        self.closed = True
        self._held.clear()
        self._voice_from = None
        self._hold_back()
        self._after_cut.clear()
        self._keypad.drop()
        self._forget_voice_cut()

    def _receive(self, given: CallerInput) -> None:
        if self._is_kept_out(given):
            return
        if given.origin == "speech" and self._is_no_interruption(given.text):
            return
        self._forget_voice_cut()  # whatever the caller's voice was, this is what it led to
        if self._speaking.protected:
            self._hold(given)
            return
        if self._speaking.committed:
            self._cut_run(given.origin, {})
            self._record_undelivered(given)
            return
        self._barge_in(given.origin, {})
        self._runs.cancel()
        self._link.send({"type": "cancel_tasks", "which": "interruptible", "now": self._journal.now()})
        if self._cutting:
            self._after_cut.append(given)  # delivered when it is known what was heard
        else:
            self._start(given)

    def _is_kept_out(self, given: CallerInput) -> bool:
        """Whether it neither cuts nor waits nor reaches the handler, whatever plays; a row says why."""
        if self.closed:
            self._record_undelivered(given)
        elif self.refused:
            self._note_kept_out("input_refused", given, "the agent allows no input now (InputAllowedEvent(False)).")
        elif (
            self._speaking.protected
            and self._settings().held_speech == "drop"
            and "began" not in given.facts  # keys count when they are pressed, not when their group is complete
        ):
            self._note_kept_out(
                "speech_dropped", given, f"the caller {_DID[given.origin]} during a line that may not be interrupted."
            )
        else:
            return False
        return True

    def _note_kept_out(self, event: str, given: CallerInput, why: str) -> None:
        facts = {"text": given.text, "origin": given.origin}
        self._journal.add(TURN, event, facts, turn=self._runs.turn, message=f"Dropped: {why}")

    def _record_undelivered(self, given: CallerInput) -> None:
        self._journal.add(
            NOTICE,
            "after_the_end",
            {"origin": given.origin, "data": given.data},
            turn=self._runs.turn,
            message="The call is ending: this was recorded, not delivered to the handler.",
        )

    def _is_no_interruption(self, text: str) -> bool:
        """Whether the caller only said "mhm", or too little to cut, while the agent was at it."""
        settings = self._settings()
        if not (self._runs.active or self._speaking.unplayed) or interrupts(text, settings):
            return False
        only_listening = is_backchannel(text, settings)
        if not only_listening and not self._speaking.interruptible:
            return False
        why = (
            "The caller only shows to be listening: this cuts nothing and is not delivered."
            if only_listening
            else f"Too short to interrupt (interrupt_min_words = {settings.interrupt_min_words}): not delivered."
        )
        self._journal.add(TURN, "backchannel", {"text": text}, turn=self._runs.turn, message=why)
        return True

    def _keys_complete(self, digits: str, began: int) -> None:
        self._receive(CallerInput("dtmf", {"digits": digits}, "keys", {"began": began}))

    def _cut_run(self, origin: str, facts: dict[str, Any]) -> list[Item]:
        """Cut what sounds, and what the active run still says: it is not for a caller who acts."""
        gone = self._barge_in(origin, facts)
        if self._runs.active:
            self._runs.active.interrupted = True
        return gone

    def _barge_in(self, origin: str, facts: dict[str, Any]) -> list[Item]:
        by = {"speech": "voice", "typed": "text"}.get(origin, origin)
        at = self._journal.now()
        gone = self._speaking.cut(by)
        if gone:
            if gone[0] is self._speaking.playing:  # nothing was heard of those behind it
                self._cutting.add(gone[0].id)
            self._journal.add(TURN, "barge_in", {"by": by, **facts}, at=at, turn=gone[0].turn, cause=gone[0].out)
        return gone

    def _hold(self, given: CallerInput) -> None:
        self._journal.add(
            TURN,
            "speech_held",
            {"text": given.text, "origin": given.origin},
            turn=self._runs.turn,
            message="Held until the line that may not be interrupted has ended.",
        )
        self._held.append(given)
        self._hold_back()

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
        kept_out = self.refused or self._speaking.committed
        self._journal.add(TURN, "held_delivered", {"inputs": 0 if kept_out else len(waiting)}, turn=self._runs.turn)
        for given in waiting:
            self._receive(given)

    def _hold_back(self) -> None:
        """What comes next is cut by what waits for the seam, and therefore never begins."""
        self._speaking.hold_back(bool(self._held) or self._voice_from is not None)

    def _start(self, given: CallerInput, *, beside: bool = False) -> Run:
        data = dict(given.data)
        if given.origin in _DID:
            self._timeouts = 0
            before = self._transcript.last_agent_row()
            if before and before["interrupted"]:
                data["previous_turn_interrupted"] = True
                data["previous_turn_agent_transcript"] = before["content"]
            self._transcript.caller(str(data.get("text") or ""))
        if given.origin != "silence":
            self._last_input = self._journal.now()
        self._speaking.sounded = self._speaking.unplayed and self._speaking.sounded
        context = {"transcript": self._transcript.rows}
        run = self._runs.start(given.wire, data, given.origin, context, given.facts, beside=beside)
        self.on_delivered()
        return run

    def _false_interruption(self) -> None:
        cut = self._cut_by_voice
        if self._runs.active:
            self._runs.active.interrupted = False  # nobody talks: what it still says is for the caller
        self._forget_voice_cut()
        self._journal.add(
            TURN,
            "false_interruption",
            {},
            turn=self._runs.turn,
            level="warning",
            message="The agent was cut, but no words followed.",
        )
        self.on_false_interruption(cut)

    def _forget_voice_cut(self) -> None:
        self._voice_cut_open = False
        self._cut_by_voice = []
        if self._voice_cut:
            self._voice_cut.cancel()
            self._voice_cut = None
