"""What each event of the platform means, in a sentence for somebody who meets it for the first time."""

from studio.sessions.records import EVENT_IN, Record

MEANINGS = {
    "StartEvent": "The session begins. It always comes first, once.",
    "TextEvent": "The caller said or typed something.",
    "TimeoutEvent": "The caller has been silent for a while since the agent's turn ended.",
    "DTMFEvent": "The caller pressed keys of the telephone.",
    "VoicemailDetectionEvent": "An answering machine took the call. It interrupts nothing.",
    "STTModelSwitchedEvent": "Another model recognises the caller from here on.",
    "CollectPaymentSuccessEvent": "The payment that the agent asked for went through.",
    "SupervisorRequestEvent": "A speech-to-speech model asks its supervisor, which is this handler.",
    "TextToSpeechEvent": "A line to be spoken, in its place in the queue.",
    "AudioEvent": "A sound file to be played, in its place in the queue.",
    "SilenceEvent": "A pause, in its place in the queue.",
    "StopEvent": "The session ends when everything before it has been heard.",
    "TransferSessionEvent": "The caller is handed on when everything before it has been heard.",
    "ExternalEvent": "A message between sessions.",
    "LogEvent": "A line for the log. It makes no sound.",
    "DebugEvent": "A row for whoever debugs the agent. It makes no sound.",
    "ErrorEvent": "The agent reports that something went wrong.",
    "MetricEvent": "The agent reports a number of its own.",
    "CustomEvent": "An event of the agent's own, for the page or the app around the call. It makes no sound.",
    "InterruptEvent": "Stops all sound at once, protected lines included. The handler goes on.",
    "InputAllowedEvent": "Blocks the caller's input, or allows it again; the end of the handler allows it too.",
    "STTUpdateSettingsEvent": "Changes how the caller is recognised, from the next words on.",
    "StartRecordingEvent": "Begins to record the call. It works on the phone channel only.",
    "StopRecordingEvent": "Ends the recording of the call.",
    "UpdateAudioSettingsEvent": "Changes the track that plays in the background, at once or after the speech.",
    "StartSessionEvent": "Starts another session, mostly a call to somebody else.",
    "MergeSessionEvent": "Joins this call with another session, so that all three hear each other.",
    "UpdateCallEvent": "Changes facts of the telephone call.",
    "CollectPaymentEvent": "Asks the caller to pay on the keypad.",
    "ConnectSTSEvent": "Hands the talk to a speech-to-speech model.",
    "DisconnectSTSEvent": "Takes the talk back from the speech-to-speech model.",
    "SupervisorResponseEvent": "Answers a speech-to-speech model that asked its supervisor.",
    "ContextUpdateEvent": "The session's whole context was sent.",
    "ContextPatchEvent": "Part of the session's context changed.",
}

_GIVEN = {
    "StopEvent": "The session is over for this agent. It comes last, once; a line that answers it is not heard.",
}
"""Events that mean something else when they are given to the handler than when it yields them."""


def meaning_of(record: Record) -> str:
    """What a record's event means; "" for an event that is not of the platform."""
    given = _GIVEN.get(record.event) if record.topic == EVENT_IN else None
    return given or MEANINGS.get(record.event, "")
