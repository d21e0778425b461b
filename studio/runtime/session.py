"""One conversation, from the first event to the last."""

import asyncio
import logging
from collections.abc import Callable, Container, Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Literal

from studio.agents.link import Frame
from studio.agents.session_settings import SessionSettings
from studio.audio.streams import Samples, Sink, Source
from studio.providers.faults import Faults
from studio.runtime.agent import Agent
from studio.runtime.agent_turn import AgentTurn
from studio.runtime.callbacks import Callbacks
from studio.runtime.caller_line import CallerLine
from studio.runtime.child import Child
from studio.runtime.clock import SessionClock, time_of
from studio.runtime.ears import Ears
from studio.runtime.effects.ambience import Ambience
from studio.runtime.effects.elsewhere import Accepted, External
from studio.runtime.effects.ending import Stop
from studio.runtime.effects.gate import InputGate, Interrupt
from studio.runtime.effects.recognition import RECOGNITION_SETTINGS, Recognition
from studio.runtime.effects.recording import CallRecording
from studio.runtime.effects.reports import Log, Shown
from studio.runtime.effects.sounds import Silence, Sounds
from studio.runtime.effects.speech import Speech
from studio.runtime.effects.transfer import Target, Transfer
from studio.runtime.error_fallback import ErrorFallback, fallback_event
from studio.runtime.handover import Handover
from studio.runtime.heard import Heard
from studio.runtime.inputs import Inputs
from studio.runtime.items import Item
from studio.runtime.journal import Journal
from studio.runtime.listening import Listening, Utterance
from studio.runtime.outputs import Outputs
from studio.runtime.plan import Outcome, SessionPlan
from studio.runtime.reach import Reach
from studio.runtime.runs import Run, Runs
from studio.runtime.seat import Seat, overdue
from studio.runtime.silence_timer import SilenceTimer
from studio.runtime.sounds import SoundFiles
from studio.runtime.speaking import Speaking
from studio.runtime.start_rows import note_failed_start, note_start, note_surroundings
from studio.runtime.synthesis import Synthesis, Voices
from studio.runtime.time_limit import TimeLimit
from studio.runtime.transcript import ConversationTranscript
from studio.runtime.waiters import Waiters
from studio.sessions.records import CALLER_RATE, NOTICE, SESSION, TURN

_log = logging.getLogger(__name__)

State = Literal["starting", "running", "ending", "ended"]

_VIRTUAL_LIMIT_S = 4 * 3600.0
"""Where nobody set a limit, a virtual session whose handler never ends still does."""

GIVEN_EVENTS = ("external_event", "voicemail_detection", "collect_payment_success", "supervisor_request")
"""Input events that come neither from the caller nor from the session itself: somebody at the desk gives them."""


class Session:
    """Puts agent, caller and sound together. Made by `studio.runtime.assembly.assemble`, used once.

    Everything that happens is written to `journal`; whoever wants to know subscribes there before `run`.
    """

    def __init__(
        self,
        id: str,
        plan: SessionPlan,
        journal: Journal,
        clock: SessionClock,
        agent: Agent,
        find_agent: Callable[[Target], object],
        make_agent: Callable[[Target], Agent],
        voices: Voices,
        sink: Sink,
    ) -> None:
        """`find_agent` and `make_agent` are asked for the target of a transfer; the first raises TransferError."""
        self.id = id
        self.plan = plan
        self.journal = journal
        self.settings: SessionSettings = agent.settings
        self.state: State = "starting"
        self.on_state: Callable[[], None] = lambda: None
        """Called whenever `state` has changed."""
        self.listening: Listening | None = None
        self.clock = clock
        self._over: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiters = Waiters()
        self.lines_started = 0
        """How many lines of the agent have begun to sound."""

        self.ears = Ears(journal, self.settings)
        self.speaking = Speaking(journal, clock, sink)
        self._faults = Faults(journal.now)
        self.caller_line = CallerLine(journal, self._faults, self._on_samples)
        self.synthesis = Synthesis(journal, self.speaking, voices, self._faults)
        self._transcript = ConversationTranscript()
        self.runs = Runs(journal, clock, agent.link)
        self.inputs = Inputs(journal, self.speaking, self.runs, agent.link, self._transcript, lambda: self.settings)
        self._time_limit = TimeLimit(journal, self.runs, self._finish)
        self._gate = InputGate(journal, self.inputs, self.runs)
        self._fallback = ErrorFallback(journal, lambda: self.settings, self._on_too_many_errors)
        self._speech = Speech(journal, self.speaking, self.synthesis, lambda: self.settings)
        reach = Reach(journal, plan)
        self.synthesis.on_service = self.ears.on_service = reach.uses
        self.sound_files = SoundFiles(self._folder, reach, lambda: self.settings.fetch_virtual_ms)
        self._sounds = Sounds(journal, self.speaking, self.sound_files)
        self._ambience = Ambience(journal, self.speaking, self.sound_files)
        self._callbacks = Callbacks(journal, reach, lambda: self.settings.recording_callbacks)
        self.call_recording = CallRecording(
            journal, clock, self.speaking, self._callbacks, plan.channel, id, self.hand_over
        )
        if plan.call_recordings:
            self.call_recording.keep_in(plan.call_recordings)
        self._recognition = Recognition(
            journal, self.ears, lambda: self.settings, self._change_settings, self._on_model_switched
        )
        self._outputs = Outputs(
            journal,
            [
                self._speech,
                self._sounds,
                Silence(journal, self.speaking),
                Stop(self.speaking, self._speech, lambda: self._finish("stop")),
                Transfer(journal, self.speaking, self._speech, plan.channel, self._check_transfer, self._on_transfer),
                self._gate,
                self._recognition,
                Interrupt(journal, self.speaking),
                External(journal, self.speaking, id, lambda data: self._give("external_event", data, "agent")),
                self.call_recording,
                self._ambience,
                Accepted(journal),
                Log(journal),
                Shown(journal),
            ],
            over=lambda: self.inputs.closed,
        )
        self._silence = SilenceTimer(clock, lambda: self.settings.timeout, self._on_timeout)
        self._turn = AgentTurn(journal, self._silence, lambda: self.runs.turn, self._agent_is_busy)

        self.speaking.on_started = self._on_started
        self.speaking.on_played = self._on_played
        self.speaking.on_withdrawn = self.synthesis.cancel
        self.runs.on_ended = self._on_run_ended
        self.inputs.on_delivered = self._turn.open
        self.inputs.on_false_interruption = self._on_false_interruption
        self._outputs.on_error = self._fallback.count
        self._recognition.on_changed = self._check
        self._seat = Seat(agent, self._child_of, self.runs, plan.grace_s)
        self._seat.on_grace_over = self._on_grace_over
        self._handover = Handover(journal, self._seat, find_agent, make_agent, self._let_go, lambda: self.runs.turn)
        self._handover.on_next = self._become_that_of
        self._handover.on_served = self._serve
        self._handover.on_failed = lambda sentence: self._finish("agent_failed", failed=True, sentence=sentence)
        self._handover.on_done = self._maybe_close_turn

    # ---- life

    async def run(self) -> Outcome:
        """Run the conversation to its end. Never raises for what the agent, the caller or a device does."""
        makers = asyncio.create_task(self.synthesis.run())
        try:
            self.speaking.start()
            answer = await self._seat.start()
            if self._over.done():
                return self._ended_before_it_began(self._over.result())
            if answer["type"] == "failed":
                return self._import_failed(answer["error"])
            self._become("running")
            note_start(self.journal, self.plan, self._seat.agent, self.settings, str(answer.get("sdk", "")))
            self._seat.serve()
            limit_s = self.plan.limit_s or (_VIRTUAL_LIMIT_S if self.plan.virtual else None)
            if limit_s is not None:
                self._time_limit.start(limit_s)
            if self.settings.startup_audio_url:
                protected = not self.settings.startup_audio_interruptible
                self._sounds.greet(self.settings.startup_audio_url, protected=protected)
            self.inputs.start()
            outcome = await self._over
            await self._wind_up(outcome)
            return outcome
        finally:
            self._become("ended")
            self.speaking.stop()  # what else has to end may take its time, and is no part of the conversation
            makers.cancel()
            fetching = self._sounds.stop(), self._ambience.stop(), self.sound_files.stop()
            await asyncio.gather(makers, *fetching, return_exceptions=True)
            self.caller_line.stop()
            await self._recognition.stop()
            if self.listening:
                await self.listening.stop()
            await self.ears.stop()
            self._seat.child.kill()
            await self._seat.child.close()
            self._check()

    def _become(self, state: State) -> None:
        self.state = state
        self.on_state()

    def stop(self, force: bool = False) -> None:
        """End the call: the handler gets its StopEvent and its grace. Again, or with `force`: end the child now."""
        again = self._over.done()
        self._finish("closed")
        if force or again:
            self._callbacks.give_up()
            self._seat.child.kill()
        elif not self.plan.virtual:
            self._seat.child.ask_to_hear()

    def hang_up(self) -> None:
        """The caller leaves."""
        self.journal.add(TURN, "hung_up", {}, turn=self.runs.turn)
        self._finish("hang_up")

    def window_gone(self) -> None:
        """Nobody is at the desk any more."""
        self._finish("window_gone")

    def finish(self) -> None:
        """The scripted caller has nothing more to say."""
        self._finish("finished")

    def give_up(self, code: str, why: str) -> None:
        """End it, for the agent's turn does not; `why` begins a sentence, and `code` is that of its notice."""
        self._time_limit.give_up(code, "finished", why)

    # ---- what the caller and the person at the desk do

    def say(self, text: str) -> None:
        """The caller types a line."""
        if text.strip() and self.state == "running":
            self.inputs.typed(text)

    def dtmf(self, digits: str) -> None:
        """The caller presses keys (phone channel)."""
        if self.plan.channel != "phone":
            self.notice("no_keypad", "Keys exist on the phone channel only: choose Phone and run again.", level="error")
        elif self.state == "running":
            self.inputs.keys(digits)

    def give(self, wire: str, data: Mapping[str, Any]) -> None:
        """Give the handler an event that does not come from the caller: one of `GIVEN_EVENTS`."""
        self._give(wire, data, "given")

    def _give(self, wire: str, data: Mapping[str, Any], origin: str) -> None:
        if self.state == "running" and not self.inputs.closed:
            self.inputs.event(wire, data, origin)

    def correct(self, record: str, text: str) -> None:
        """The person says what was really said in an input event; the handler gets it as a typed line."""
        self.journal.add(TURN, "corrected", {"input": record, "text": text}, cause=record, turn=self.runs.turn)
        self.say(text)

    def mute(self, on: bool) -> None:
        """Hear silence from the microphone."""
        self.caller_line.muted = on
        self.journal.add(SESSION, "muted" if on else "unmuted")

    def talk(self, on: bool) -> None:
        """Hold or release push-to-talk."""
        if self.listening:
            self.listening.talk(on)

    def set(self, name: str, value: Any) -> None:
        """Change a setting while the session runs. Raises ValueError with a plain sentence."""
        value = getattr(self.settings.changed(name, value), name)
        self.journal.add(SESSION, "setting_changed", {"name": name, "value": value})
        if name in RECOGNITION_SETTINGS:
            self._recognition.set(name, value)
        else:
            self._change_settings({name: value})

    def fail(self, fault: str) -> None:
        """Make something fail (`studio.providers.faults`). Raises ValueError with a plain sentence."""
        set_ = self._faults.set(fault)
        if fault == "recogniser_deaf" and self.listening:
            self.listening.be_deaf(set_.lasts_s)
        facts = {"fault": fault} | ({"seconds": set_.lasts_s} if set_.lasts_s else {})
        self.journal.add(SESSION, "fault_set", facts, turn=self.runs.turn, message=set_.sentence)

    def use_source(self, source: Source | None) -> None:
        """Hear the caller through another source. Raises DeviceError; then the old one is gone too."""
        self.caller_line.use(source)

    def use_sink(self, sink: Sink) -> None:
        """Speak through another sink. Raises DeviceError."""
        self.speaking.use_sink(sink)

    def devices_changed(self, facts: Mapping[str, Any]) -> None:
        """Note that other devices are used now."""
        self.journal.add(SESSION, "devices_changed", facts, turn=self.runs.turn, host=True)

    def listen(self, listening: Listening) -> None:
        """Give the session its ear; before `run`, or later when a device was chosen."""
        self.listening = listening
        listening.on_voice = self._on_voice
        listening.on_lasting = self.inputs.voice_lasts
        listening.on_words = self.inputs.words
        listening.on_utterance = self._on_utterance

    @property
    def failed(self) -> bool:
        """Whether the agent failed anywhere: an exception ended a handler or a background task, or a mistake cost an event."""
        return self.runs.failed or self._outputs.failed_task

    def notice(self, code: str, sentence: str, level: Any = "warning", **facts: Any) -> None:
        """Write a notice that belongs to the session as a whole."""
        self.journal.add(NOTICE, code, facts, turn=self.runs.turn, level=level, message=sentence)

    # ---- waiting (the scripted caller)

    @property
    def sounding(self) -> bool:
        """Whether something of the agent is heard that has an end."""
        playing = self.speaking.playing
        return playing is not None and not playing.clip.loop

    @property
    def quiet(self) -> bool:
        """Whether it is the caller's turn: nothing of the agent is open, nothing of the caller is under way."""
        busy = self.listening is not None and self.listening.busy
        return self.state == "running" and not (
            self._turn.is_open or self.inputs.waiting or busy or self._handover.busy
        )

    @property
    def idle(self) -> bool:
        """Quiet, and no background task of the agent is left."""
        return self.quiet and not self.background_tasks and not self._recognition.busy

    @property
    def background_tasks(self) -> int:
        """Background tasks of the agent that have not ended."""
        return self._seat.child.tasks

    async def until(self, condition: Callable[[], bool]) -> bool:
        """Wait for a condition of the session; False when the session ends first."""
        if not self._over.done():
            await self._waiters.until(condition)
        return not self._over.done()

    def hand_over(self) -> None:
        """Give whoever records the lines everything there is by now, to the last sample."""
        self.speaking.hand_over()
        if self.listening:
            self.listening.hand_over()

    # ---- what happens

    def _change_settings(self, changes: Mapping[str, Any], but: Container[str] = ()) -> None:
        self.settings = replace(self.settings, **{name: changes[name] for name in changes if name not in but})
        self.ears.settings = self.settings
        if self.listening:
            self.listening.settings = self.settings
        self._silence.changed()
        self._callbacks.permission_changed()

    async def _on_model_switched(self, data: dict[str, Any]) -> None:
        if self.listening:
            await self.listening.understood()
        self._give("stt_model_switched", data, "recogniser")

    def _folder(self) -> Path:
        return Path(self._seat.agent.initialize.get("project") or self.plan.project)

    def _on_samples(self, block: Samples, first_sample: int) -> None:
        if self.listening and self.state == "running":
            self.listening.push(block, first_sample)

    def _on_output(self, frame: Frame) -> None:
        self._outputs.take(frame, self.runs.get(frame.get("run", "")), self.runs.turn)
        if self.state == "running" and self.speaking.unplayed:
            self._turn.open()

    def _on_run_ended(self, run: Run) -> None:
        self._gate.run_ended(run)
        self._time_limit.run_ended(run)
        if run.failed:
            self._fallback.count()
        self._maybe_close_turn()

    def _on_started(self, item: Item) -> None:
        self._handover.heard()
        if item.kind == "speech":
            self.lines_started += 1
        if self.listening and self.listening.lasting:
            self.inputs.voice_lasts(self.listening.voice_start)
        self._check()

    def _on_played(self, item: Item, heard: Heard) -> None:
        if item.kind == "speech":
            self._transcript.agent(item.turn, heard.text, item.state != "done")
        self.inputs.item_ended(item)
        self._maybe_close_turn()

    def _on_voice(self, speaking: bool, sample: int) -> None:
        self._silence.voice(speaking, time_of(sample, CALLER_RATE))
        if not speaking:
            self.inputs.voice_ended()

    def _on_utterance(self, utterance: Utterance) -> None:
        self._handover.heard()
        if self.state == "running":
            self.inputs.utterance(utterance)
        self._check()

    def _on_timeout(self) -> None:
        if self.state != "running" or self.inputs.closed:
            return
        if self.inputs.waiting or (self.listening and self.listening.busy):
            self._silence.turn_closed()  # what the caller says or presses is still being understood
            return
        self.inputs.timeout()

    def _agent_is_busy(self) -> bool:
        return bool(self.runs.busy or self.speaking.unplayed or self.inputs.waiting or self._handover.busy)

    def _maybe_close_turn(self) -> None:
        self._turn.close_if_done(goes_on=self.state == "running")
        self._check()

    def _on_died(self, sentence: str) -> None:
        if self._handover.busy and self._seat.dismissed:
            self.notice("agent_gone", f"{sentence} The transfer goes on.")
        elif self.state != "ended":
            self.notice("agent_gone", sentence, level="error")
            self._finish("agent_failed", failed=True, sentence=sentence)

    def _finish(self, reason: str, *, failed: bool = False, sentence: str = "") -> None:
        if not self._over.done():
            self._over.set_result(Outcome(reason, 1 if failed else 0, sentence))
            if self.state == "starting":
                self._seat.child.kill()  # it may hang while it is imported, and nothing has begun
        self._check()

    def _on_false_interruption(self, cut: list[Item]) -> None:
        if self.settings.resume_false_interruption and cut:
            self.journal.add(TURN, "speech_resumed", {"items": [item.id for item in cut]}, turn=self.runs.turn)
            self.synthesis.resume(cut)
            self._turn.open()

    def _on_too_many_errors(self, kind: str, value: str) -> None:
        """The agent has failed too often: what its configuration wants happens instead of it."""
        if self.state != "running" or self.inputs.closed:
            return
        frame = fallback_event(kind, value, self.settings.default_voice)
        self.runs.cancel_all()
        self.speaking.clear("end")
        self._on_output({"event": frame})
        self._maybe_close_turn()

    # ---- another agent

    def _child_of(self, agent: Agent) -> Child:
        services = agent.services(self.runs, self._faults) if agent.services else None
        child = Child(self.journal, agent.link, self.runs, self.plan.kill_hung_s, services)
        child.on_output = self._on_output
        child.on_changed = self._check
        child.on_died = self._on_died
        return child

    def _check_transfer(self, target: Target) -> None:
        self._handover.check(target)

    def _on_transfer(self, target: Target) -> None:
        """The place of a transfer in the queue was reached."""
        if target.to == "agent":
            self._silence.stop()
            self.inputs.drop_all()
            self._handover.begin(target)
        else:
            self._finish("transferred")

    def _become_that_of(self, agent: Agent) -> None:
        """What concerns the session becomes the next agent's own."""
        self._change_settings(
            {f.name: getattr(agent.settings, f.name) for f in fields(agent.settings)}, but=RECOGNITION_SETTINGS
        )
        self._recognition.become(agent.settings)
        self._transcript.begin_anew()
        self.runs.hand_over(agent.link)
        self.inputs.hand_over(agent.link)

    def _serve(self, agent: Agent) -> None:
        note_surroundings(self.journal, agent, self.runs.turn)
        self.inputs.start()

    async def _let_go(self) -> None:
        """Silence the agent, give it its StopEvent and its grace, and end its child."""
        if not self._seat.dismissed:
            self.runs.cancel_all()
        self.speaking.close()
        await self._seat.let_go(self.inputs.end)

    def _on_grace_over(self) -> None:
        grace_s, tasks = self.plan.grace_s, self._seat.child.task_names
        if self.runs.busy:
            self.notice("stop_grace", f"The handler took more than {grace_s:g} s for its StopEvent and was ended.")
        if tasks:
            self.notice("tasks_grace", overdue(tasks, grace_s), tasks=tasks)

    def _ended_before_it_began(self, outcome: Outcome) -> Outcome:
        self.journal.add(
            SESSION,
            "session_ended",
            {"reason": outcome.reason},
            level="error" if outcome.exit_code else "info",
        )
        return outcome

    def _import_failed(self, error: Mapping[str, Any]) -> Outcome:
        sentence = note_failed_start(self.journal, error)
        self.journal.add(SESSION, "session_ended", {"reason": "agent_failed"}, level="error")
        return Outcome("agent_failed", 1, sentence)

    async def _wind_up(self, outcome: Outcome) -> None:
        """Silence everything, give the handler its StopEvent, and let the child go."""
        self._become("ending")
        self._silence.stop()
        self._time_limit.stop()
        self.inputs.drop_all()
        self.caller_line.stop()
        await self._handover.cancel()
        recording = asyncio.create_task(self.call_recording.end())
        self._ambience.end()
        try:
            await self._let_go()
            await self.speaking.fall_silent()
            await recording
        finally:
            recording.cancel()
        self.journal.add(
            SESSION,
            "session_ended",
            {"reason": outcome.reason},
            turn=self.runs.turn,
            level="error" if outcome.exit_code else "info",
        )

    def _check(self) -> None:
        """Wake whoever waits for what has become true."""
        self._seat.look()
        self._waiters.look(release_all=self._over.done())
