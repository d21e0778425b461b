"""One plain sentence for every kind of record: what tooltips, the log, the inspector and screen readers say."""

from collections.abc import Callable, Mapping
from typing import Any

from studio.sessions.ending import transfer_told, why_ended
from studio.sessions.event_words import changes_in_words, file_of, input_words, output_words
from studio.sessions.records import (
    EFFECT,
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LLM,
    LOG,
    NOTICE,
    PLAY,
    SESSION,
    SPEECH,
    STT_FINAL,
    STT_PARTIAL,
    TOOL,
    TURN,
    Record,
)
from studio.sessions.sentences import quoted, text_of
from studio.units import span

_READY = {
    "hit": "The line came from the speech cache.",
    "written": "The line has been made, and is kept for a week.",
}

_WITH_WORDS = frozenset({"speech_held", "speech_dropped", "input_refused", "after_the_end"})
"""Events whose sentence has the caller's words, which their message has not."""

Facts = Mapping[str, Any]


def describe(record: Record) -> str:
    """One sentence about a record, without its time."""
    if record.topic in (EVENT_IN, EVENT_OUT):
        return _event(record)
    sentence = _SENTENCES.get((record.topic, record.event))
    if record.event in _WITH_WORDS and sentence:
        return sentence(record.data)  # it has the caller's words, which the message has not
    if record.message:
        return record.message
    if record.topic == STT_FINAL:
        return f"Recognised: {quoted(text_of(record))}"
    if record.topic == STT_PARTIAL:
        return f"Recognised so far: {quoted(text_of(record))}"
    if record.topic == LOG:
        return text_of(record)
    if sentence:
        return sentence(record.data)
    text = text_of(record)
    return record.event.replace("_", " ").capitalize() + (f": {text}" if text else "")


def _event(record: Record) -> str:
    data = record.data
    if record.topic == EVENT_IN:
        _, _, detail = input_words(record).partition("  ")
        return f"{record.event} given to the handler" + (f": {detail}" if detail else "")
    if data.get("background") and record.level == "error" and record.message:
        return record.message  # how a background task ended: nobody yielded that
    where = f" at {data['file']} line {data['line']}" if data.get("file") and data.get("line") else ""
    text = text_of(record)
    detail = quoted(text) if text else output_words(record).partition("  ")[2]
    return f"{record.event} yielded{where}" + (f": {detail}" if detail else "")


def _ms(facts: Facts, name: str) -> str:
    value = facts.get(name)
    return f"{value:,.0f} ms" if isinstance(value, int | float) else "an unknown time"


def _run_ended(facts: Facts) -> str:
    words = {"ok": "ended", "error": "failed", "cancelled": "was cancelled", "killed": "was killed"}
    status = str(facts.get("status") or "ok")
    place = f", at {facts['place']}" if facts.get("place") else ""
    by = " by what the caller said" if facts.get("by") == "caller" else ""
    return f"The handler's run {words.get(status, status)}{by} after {_ms(facts, 'elapsed_ms')}{place}."


def _cut(facts: Facts) -> str:
    after = f"; silent {_ms(facts, 'silent_after_ms')} after the decision" if "silent_after_ms" in facts else ""
    agent = {"replace": " by its next line", "interrupt": " by itself", "cleared": " by itself"}
    return f"The agent was cut{agent.get(str(facts.get('by')), '')}{after}."


def _by(facts: Facts) -> str:
    return {"voice": "spoke", "text": "typed", "keys": "pressed keys"}.get(str(facts.get("by")), "interfered")


def _asked_model(facts: Facts) -> str:
    tools = facts.get("tools") or ()
    offered = f", offering {len(tools)} tool{'s' if len(tools) != 1 else ''}" if tools else ""
    way = "streaming" if facts.get("streaming") else "whole"
    count = facts.get("messages", 0)
    return f"Asked {facts.get('model') or 'a model'} with {count} messages{offered}; the answer comes {way}."


def _refused(facts: Facts) -> str:
    return f"{_words(facts)} was refused: the agent blocks the caller's input."


def _released(facts: Facts) -> str:
    what = (
        "what was held goes to the handler now" if facts.get("inputs", 1) else "what was held is not given to the agent"
    )
    return f"The line has ended: {what}."


def _undelivered(facts: Facts) -> str:
    said = facts.get("data") or {}
    return f"{quoted(str(said.get('text') or said.get('digits') or ''))} was recorded, not given to the agent: the call is ending."


def _words(facts: Facts) -> str:
    return quoted(str(facts.get("text") or ""))


def _interrupted(facts: Facts) -> str:
    count = len(facts.get("items") or ())
    return f"All sound was stopped: {count} line{'s' if count != 1 else ''}, whether protected or not."


def _background(facts: Facts) -> str:
    volume = facts.get("volume")
    loud = f" at volume {volume:.0%}" if isinstance(volume, int | float) else ""
    loop = ", again and again" if facts.get("loop") else ""
    return f"{file_of(str(facts.get('url') or 'A track'))} plays in the background{loud}{loop}."


def _allowed(facts: Facts) -> str:
    why = {"handler_end": ": the handler ended", "end": ": the session ended"}.get(str(facts.get("by")), "")
    return f"The caller's input reaches the handler again{why}."


def _external(facts: Facts) -> str:
    to = f"{facts.get('name') or 'The message'} for agent {facts.get('agent_id') or 'unknown'}"
    return f"{to} was delivered." if facts.get("delivered") else f"{to} was not delivered: no such session runs here."


def _callback(facts: Facts) -> str:
    status = f" (status {facts['status']})" if facts.get("status") else ""
    return f"{facts.get('url') or 'The callback'} was told of the recording{status}."


def _seam(facts: Facts) -> str:
    where = f" in {facts['environment']}" if facts.get("environment") else ""
    return (
        f"{facts.get('agent') or 'Another agent'}{where} takes over from {facts.get('before') or 'the agent before'}."
    )


def _recognition(facts: Facts) -> str:
    changed = facts.get("changed")
    return f"From the caller's next words on: {changes_in_words(changed) if isinstance(changed, Mapping) else ''}."


def _switched(facts: Facts) -> str:
    return (
        f"{facts.get('to_model')} hears the caller from here on, instead of {facts.get('from_model') or 'none'}; "
        f"the switch took {_ms(facts, 'switch_delay_ms')}."
    )


def _started(facts: Facts) -> str:
    channel = {"phone": "by phone", "web": "on the web"}.get(str(facts.get("channel")), "")
    return f"The session with {facts.get('agent') or 'the agent'} began {channel}".rstrip() + "."


_SENTENCES: dict[tuple[str, str], Callable[[Facts], str]] = {
    (HANDLER, "handler_started"): lambda f: f"The handler began to run, with {f.get('event', 'an event')}.",
    (HANDLER, "handler_ended"): _run_ended,
    (TURN, "voice_started"): lambda f: "The caller began to speak.",
    (TURN, "voice_stopped"): lambda f: "The caller fell silent.",
    (TURN, "end_of_turn"): lambda f: f"The caller's turn ended after {f.get('waited_ms', 0):.0f} ms of silence.",
    (TURN, "turn_opened"): lambda f: "The agent's turn began.",
    (TURN, "turn_closed"): lambda f: "The agent's turn ended: everything it yielded has been heard or dropped.",
    (TURN, "cut"): _cut,
    (TURN, "barge_in"): lambda f: f"Decided to cut the agent, because the caller {_by(f)}.",
    (TURN, "false_interruption"): lambda f: "The agent was cut, but no words followed.",
    (TURN, "speech_resumed"): lambda f: "The agent went on where it was cut: no words had followed.",
    (TURN, "speech_held"): lambda f: f"{_words(f)} waits until the line that may not be interrupted has ended.",
    (TURN, "speech_dropped"): lambda f: f"{_words(f)} was dropped: the line may not be interrupted.",
    (NOTICE, "after_the_end"): _undelivered,
    (TURN, "held_delivered"): _released,
    (TURN, "backchannel"): lambda f: f"{_words(f)} only says that the caller listens: it cuts nothing.",
    (TURN, "key_pressed"): lambda f: f"The caller pressed {f.get('key')}.",
    (TURN, "input_refused"): _refused,
    (TURN, "hung_up"): lambda f: "The caller hung up.",
    (SPEECH, "speech_requested"): lambda f: f"Asked {f.get('provider') or 'the voice'} for {_words(f)}",
    (SPEECH, "speech_first_audio"): lambda f: f"The voice's first sound came after {_ms(f, 'after_ms')}.",
    (SPEECH, "speech_ready"): lambda f: _READY.get(str(f.get("cache")), "The line has been made."),
    (SPEECH, "speech_from_cache"): lambda f: f"From the speech cache, {span(f.get('age_s') or 0)} old.",
    (SPEECH, "speech_failed"): lambda f: "The voice failed.",
    (SPEECH, "speech_cancelled"): lambda f: "The line was not needed any more; the voice was told to stop.",
    (PLAY, "play_queued"): lambda f: f"Waits in the queue: {f.get('item') or 'an item'}.",
    (PLAY, "play_started"): lambda f: "The caller begins to hear it.",
    (PLAY, "play_ended"): lambda f: "Heard to its end.",
    (PLAY, "play_cut"): lambda f: f"Cut; heard were {f.get('heard_words', 0)} of {f.get('words', 0)} words.",
    (PLAY, "play_dropped"): lambda f: f"Never heard: {f.get('reason') or 'it was dropped'}.",
    (LLM, "completion_requested"): _asked_model,
    (LLM, "completion_first_token"): lambda f: f"The model's first token came after {_ms(f, 'after_ms')}.",
    (LLM, "completion_ended"): lambda f: f"The model's answer was complete after {_ms(f, 'elapsed_ms')}.",
    (LLM, "completion_failed"): lambda f: f"The model failed: {f.get('failure') or 'no reason given'}.",
    (LLM, "completion_retried"): lambda f: "The model failed and is asked again.",
    (LLM, "completion_fell_back"): lambda f: f"Another model is asked instead: {f.get('model') or 'the next one'}.",
    (TOOL, "tool_called"): lambda f: f"The model calls the tool {f.get('name')}.",
    (TOOL, "tool_answered"): lambda f: f"The tool {f.get('name')} answered.",
    (EFFECT, "recognition_changed"): _recognition,
    (EFFECT, "standby_warming"): lambda f: f"{f.get('model')} listens along, so that it can take over at once.",
    (EFFECT, "standby_ready"): lambda f: f"{f.get('model')} is ready to take over; warming took {_ms(f, 'warmup_ms')}.",
    (EFFECT, "standby_failed"): lambda f: f"{f.get('model')} could not be warmed; the present model goes on.",
    (EFFECT, "recogniser_switched"): _switched,
    (EFFECT, "recording_started"): lambda f: "The call is being recorded.",
    (EFFECT, "recording_ended"): lambda f: (
        "The recording is lost: its file is gone."
        if f.get("lost")
        else f"The recording is finished: {float(f.get('seconds') or 0):.1f} s."
    ),
    (EFFECT, "recording_file"): lambda f: f"The recording lies in {f.get('file') or 'a file'}.",
    (EFFECT, "callback_sent"): _callback,
    (EFFECT, "callback_failed"): lambda f: f"{f.get('url') or 'The callback'} could not be told of the recording.",
    (EFFECT, "background_started"): _background,
    (EFFECT, "background_ended"): lambda f: "The background track ended.",
    (EFFECT, "input_blocked"): lambda f: "The agent blocks the caller's input from here on.",
    (EFFECT, "input_allowed"): _allowed,
    (EFFECT, "interrupted"): _interrupted,
    (EFFECT, "transferred"): lambda f: " ".join(transfer_told(f)),
    (EFFECT, "external_sent"): _external,
    (EFFECT, "accepted"): lambda f: "The platform would do it; the desk only shows it.",
    (EFFECT, "error_fallback"): lambda f: "Too many errors: the configured fallback takes over.",
    (SESSION, "session_started"): _started,
    (SESSION, "session_ended"): lambda f: why_ended(str(f.get("reason") or "")) + ".",
    (SESSION, "setting_changed"): lambda f: f"The setting {f.get('name')} is {f.get('value')} from here on.",
    (SESSION, "devices_changed"): lambda f: "Other sound devices are used from here on.",
    (SESSION, "not_reproducible"): lambda f: "This session cannot be repeated exactly.",
    (SESSION, "fault_set"): lambda f: f"The next one is made to fail: {f.get('fault')}.",
    (SESSION, "agent_seam"): _seam,
}
