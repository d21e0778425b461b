"""A call in which everything happens: held and refused speech, models and tools, another recogniser, recording, keys, a seam."""

from typing import Any

from studio.sessions.records import EFFECT, HANDLER, LLM, LOG, NOTICE, PLAY, SESSION, TOOL, TURN
from tests.app.synthetic import Script, SyntheticSession

Cause = tuple[str, str]
CALLER, CALLED = "+14155550132", "+16285550100"


class Tour(Script):
    """Writes what happens without a sound, as the runtime does."""

    def effect(self, at: float, event: str, out: str, **data: Any) -> None:
        self.add(EFFECT, event, at, cause=out, data=data)

    def does(self, at: float, event: str, wire: str, data: dict[str, Any], cause: Cause, line: int) -> str:
        """An output event without a sound; returns its id."""
        return self.emitted(at, event, wire, data, cause, line)

    def shown_only(self, at: float, event: str, wire: str, data: dict[str, Any], cause: Cause, line: int) -> None:
        """An output event that the desk accepts and shows."""
        out = self.does(at, event, wire, data, cause, line)
        self.effect(at + 0.001, "accepted", out, what=wire.replace("_", " "))

    def asks_model(self, at: float, cause: Cause, *, model: str, wait: float, length: float, **end: Any) -> str:
        """A streamed request to a language model; returns its id."""
        llm = self.id("llm")
        who = {"id": llm, "run": cause[1], "cause": cause[0]}
        asked = {"provider": "openai", "model": model, "engine": "local", "messages": 6, "tools": ["find_slot"]}
        self.add(LLM, "completion_requested", at, **who, data={**asked, "streaming": True})
        if end.get("failure"):
            sentence = f"{model} did not answer: {end['failure']}."
            self.add(LLM, "completion_failed", at + wait, **who, level="error", message=sentence, data=end)
            return llm
        self.add(LLM, "completion_first_token", at + wait, **who, data={"after_ms": wait * 1000})
        facts = {"text": "Tuesday works.", "finish_reason": "stop", "elapsed_ms": (wait + length) * 1000}
        usage = {"prompt_tokens": 412, "completion_tokens": 18}
        self.add(LLM, "completion_ended", at + wait + length, **who, data={**facts, "usage": usage, **end})
        return llm

    def press(self, at: float, digits: str) -> Cause:
        """The caller presses keys, one every 0.3 s; returns the input event and its run."""
        for place, key in enumerate(digits):
            self.add(TURN, "key_pressed", at + place * 0.3, data={"key": key})
        done = at + len(digits) * 0.3
        input_id, run = self.given(done, "DTMFEvent", "dtmf", {"digits": digits}, 0.2)
        self.rows[-3]["data"]["origin"] = "keys"
        return input_id, run


def _telephony(tour: Tour) -> None:
    run = tour.given(
        17.2, "ExternalEvent", "external_event", {"agent_id": "ops", "name": "order_ready", "data": {}}, 1.2
    )
    every: list[tuple[str, str, dict[str, Any]]] = [
        ("CollectPaymentEvent", "collect_payment", {"amount": 12.5}),
        ("UpdateCallEvent", "update_call", {"status": "vip"}),
        ("StartSessionEvent", "start_session", {"agent_id": "reminder", "input_type": "phone"}),
        ("MergeSessionEvent", "merge_session", {"session_id": "session-42"}),
        ("ConnectSTSEvent", "connect_sts", {"configuration": {"model": "gpt-realtime"}}),
        ("DisconnectSTSEvent", "disconnect_sts", {}),
        ("SupervisorResponseEvent", "supervisor_response", {"content": "Offer ten percent"}),
    ]
    for place, (event, wire, data) in enumerate(every):
        tour.shown_only(17.25 + place * 0.15, event, wire, data, run, 60 + place)
    out = tour.does(
        18.35, "ExternalEvent", "external_event", {"agent_id": "kitchen", "session_id": "s-7", "name": "done"}, run, 70
    )
    tour.effect(18.351, "external_sent", out, agent_id="kitchen", session_id="s-7", name="done", delivered=False)
    tour.given(18.6, "VoicemailDetectionEvent", "voicemail_detection", {"confidence": 0.93, "reason": "beep"}, 0.05)
    tour.given(18.9, "CollectPaymentSuccessEvent", "collect_payment_success", {}, 0.05)
    tour.given(19.2, "SupervisorRequestEvent", "supervisor_request", {"content": "May I give a discount?"}, 0.05)


def _reports(tour: Tour, run: Cause, at: float) -> None:
    tour.does(at, "CustomEvent", "cart_updated", {"items": 2, "custom": True}, run, 30)
    tour.does(at + 0.1, "DebugEvent", "debug", {"event_name": "slot", "event_data": {"free": 3}}, run, 31)
    tour.does(at + 0.2, "MetricEvent", "metrics.latency.lookup", {"value_s": 0.31}, run, 32)
    tour.does(at + 0.3, "LogEvent", "log", {"message": "looking for a slot"}, run, 33)
    tour.does(at + 0.4, "ContextPatchEvent", "context_patch", {"slot": "10:30"}, run, 34)
    out = tour.does(at + 0.5, "ErrorEvent", "error", {"message": "The calendar did not answer"}, run, 35)
    tour.effect(at + 0.501, "error_fallback", out, kind="speech", value="One moment please.")


def _recogniser(tour: Tour, run: Cause, at: float) -> None:
    out = tour.does(at, "STTUpdateSettingsEvent", "stt_update_settings", {"prewarm_model": "whisper-1"}, run, 40)
    tour.effect(at + 0.01, "standby_warming", out, model="whisper-1")
    tour.effect(at + 0.83, "standby_ready", out, model="whisper-1", warmup_ms=820)
    out = tour.does(
        at + 1.0, "STTUpdateSettingsEvent", "stt_update_settings", {"language": "es", "endpointing": 500}, run, 41
    )
    tour.effect(at + 1.01, "recognition_changed", out, changed={"language": "es", "endpointing": 500})
    out = tour.does(at + 2.4, "STTUpdateSettingsEvent", "stt_update_settings", {"model": "whisper-1"}, run, 42)
    tour.effect(
        at + 2.41,
        "recogniser_switched",
        out,
        from_model="nova-3",
        to_model="whisper-1",
        warmup_ms=820,
        switch_delay_ms=4,
        caller_sample=round((at + 2.41) * 16000),
    )
    switched = {"from_model": "nova-3", "to_model": "whisper-1", "warmup_ms": 820, "switch_delay_ms": 4}
    tour.given(at + 2.42, "STTModelSwitchedEvent", "stt_model_switched", switched, 0.03)


def tour() -> SyntheticSession:
    """The whole call: 34 s on the phone, ended by a transfer to a number."""
    tour = Tour(34.5)
    settings = {"vad_threshold": 0.5, "stt_endpointing": 300, "default_voice": "nova", "stt_model": "nova-3"}
    started = {"agent": "Front desk", "channel": "phone", "settings": settings}
    tour.add(SESSION, "session_started", 0.0, data=started)
    start = tour.given(0.05, "StartEvent", "start", {}, 0.3)
    out = tour.does(
        0.1, "StartRecordingEvent", "start_recording", {"status_callback_url": "https://a.b/done"}, start, 11
    )
    tour.add(EFFECT, "recording_started", 0.101, id="rec-1", cause=out, data={})
    out = tour.does(
        0.15,
        "UpdateAudioSettingsEvent",
        "update_audio_settings",
        {"background_track_url": "sounds/cafe.mp3", "background_track_volume": 0.3},
        start,
        12,
    )
    tour.effect(0.151, "background_started", out, url="sounds/cafe.mp3", volume=0.3, loop=True)
    tour.says(0.2, "This call is recorded. Please listen to the whole notice.", start, line=13, length=3.4)
    tour.heard(1.6, "I want to cancel", seconds=1.1, wait=0.3)
    held = {"text": "I want to cancel", "origin": "speech"}
    sentence = "Held until the line that may not be interrupted has ended."
    tour.add(TURN, "speech_held", 3.0, data=held, message=sentence)
    tour.add(TURN, "held_delivered", 3.81, data={"inputs": 1})
    run = tour.given(3.82, "TextEvent", "text", {"text": "I want to cancel"}, 2.9)
    asked = tour.asks_model(3.9, run, model="gpt-4o-mini", wait=0.42, length=0.5)
    call = {"call": "call-1", "name": "find_slot"}
    tour.add(TOOL, "tool_called", 4.83, cause=asked, run=run[1], data={**call, "arguments": {"day": "Tuesday"}})
    tour.add(TOOL, "tool_answered", 5.2, cause=asked, run=run[1], data={**call, "content": {"slot": "10:30"}})
    tour.asks_model(5.3, run, model="gpt-4o", wait=0.6, length=0, failure="it sent nothing for 600 ms")
    tour.asks_model(6.0, run, model="gpt-4o-mini", wait=0.2, length=0.4)
    tour.says(6.6, "Your appointment on Tuesday is cancelled.", run, line=22, length=2.2, cached=True, wait=0.05)
    _recogniser(tour, run, 6.65)
    key_run = tour.press(10.0, "1234#")
    out = tour.does(11.55, "InputAllowedEvent", "input_allowed", {"allowed": False}, key_run, 50)
    tour.effect(11.551, "input_blocked", out, by="agent")
    refused = {"text": "hello?", "origin": "typed"}
    tour.add(
        TURN, "input_refused", 12.1, data=refused, level="warning", message="“hello?” was refused: input is blocked."
    )
    tour.effect(12.9, "input_allowed", "", by="handler_end")
    tour.add(TURN, "speech_dropped", 13.2, data={"text": "wait"}, message="Dropped: the line may not be interrupted.")
    _reports(tour, key_run, 13.4)
    out = tour.does(14.6, "InterruptEvent", "interrupt", {}, key_run, 55)
    tour.effect(14.601, "interrupted", out, items=["say-1", "say-2"])
    _telephony(tour)
    out = tour.does(20.0, "TransferSessionEvent", "transfer_session", {"agent_id": "billing"}, key_run, 80)
    tour.effect(
        20.3, "transferred", out, to="agent", target="billing", environment="development", data={"topic": "refund"}
    )
    seam = {"agent": "Billing", "before": "Front desk", "environment": "development"}
    tour.add(SESSION, "agent_seam", 20.31, data=seam, message="Billing takes over from Front desk.")
    start = tour.given(20.4, "StartEvent", "start", {}, 0.1)
    tour.says(20.5, "Billing, how can I help?", start, line=9, length=1.8)
    blocked = {"file": "billing/handler.py", "line": 33}
    sentence = "The agent does not answer: it has been at billing/handler.py line 33 for 2 s."
    tour.add(HANDLER, "agent_blocked", 23.5, level="warning", message=sentence, data=blocked)
    tour.add(LOG, "log", 23.9, message="refund of 12.50", data={"stream": "logger", "location": "handler.py:35"})
    at = tour.heard(24.6, "Put me through to a person", seconds=1.8, wait=0.3)
    run = tour.given(at, "TextEvent", "text", {"text": "Put me through to a person"}, 0.4)
    refused = {"phone_number": "555 0100"}
    out = tour.does(at + 0.1, "TransferSessionEvent", "transfer_session", refused, run, 90)
    sentence = "555 0100 is no number with a country code, such as +15550100: nobody is transferred."
    tour.add(NOTICE, "bad_number", at + 0.101, cause=out, level="error", message=sentence, data={"out": out})
    data = {"account": "A-17", "topic": "refund"}
    where = {"phone_number": "+15550100", "mode": "bridge", "data": data}
    out = tour.does(at + 0.2, "TransferSessionEvent", "transfer_session", where, run, 91)
    tour.says(at + 0.21, "I put you through now. Good bye.", run, line=91, length=2.6)
    end = at + 3.2
    tour.effect(end - 0.3, "background_ended", "", url="sounds/cafe.mp3")
    recorded = {"file": "call.wav", "seconds": end - 0.301, "from_sample": 0, "to_sample": 0}
    tour.add(EFFECT, "recording_ended", end - 0.2, id="rec-1", data=recorded)
    sent = {"url": "https://a.b/done", "attempt": 1, "status": 503}
    tour.add(EFFECT, "callback_failed", end - 0.1, level="warning", message="https://a.b/done said 503.", data=sent)
    tour.add(PLAY, "play_queued", at + 0.22, id="end-1", cause=out, data={"item": "transfer", "out": out})
    tour.effect(end, "transferred", out, to="phone", target="+15550100", mode="bridge", data=data)
    tour.add(SESSION, "session_ended", end + 0.01, data={"reason": "transferred"})
    return tour.session()
