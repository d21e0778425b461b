"""Records in plain words: what tooltips, the inspector and screen readers say."""

from studio.sessions.records import (
    EVENT_IN,
    EVENT_OUT,
    HANDLER,
    LOG,
    NS,
    PLAY,
    SPEECH,
    STT_FINAL,
    STT_PARTIAL,
    TURN,
    Record,
)


def clock(ns: int, decimals: int = 2) -> str:
    """Session time as "00:07.98", with hours only where there are some."""
    sign, ns = ("−" if ns < 0 else ""), abs(ns)
    unit = 10**decimals
    ticks = ns * unit // NS
    seconds, fraction = divmod(ticks, unit)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    text = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
    return sign + text + (f".{fraction:0{decimals}}" if decimals else "")


def duration(ns: int) -> str:
    """A length of time with the unit that suits it: "112 ms", "3.07 s", "12 min 4 s"."""
    if ns < NS:
        return f"{ns / 1e6:.0f} ms"
    if ns < 100 * NS:
        return f"{ns / NS:.2f} s"
    minutes, seconds = divmod(round(ns / NS), 60)
    return f"{minutes} min {seconds} s"


def quoted(text: str, longest: int = 120) -> str:
    """A person's words in quotation marks, one line, shortened."""
    text = " ".join(text.split())
    return f"“{text if len(text) <= longest else text[: longest - 1] + '…'}”"


def text_of(record: Record) -> str:
    """The words in a record: what was said, written or reported."""
    payload = record.data.get("data")
    for facts in (payload if isinstance(payload, dict) else {}, record.data):
        for name in ("text", "message", "digits", "heard", "url"):
            value = facts.get(name)
            if isinstance(value, str) and value:
                return value
    return record.message


def describe(record: Record) -> str:
    """One sentence about a record, without its time."""
    data, text = record.data, text_of(record)
    if record.topic in (EVENT_IN, EVENT_OUT):
        way = "given to the handler" if record.topic == EVENT_IN else "yielded"
        where = f" at {data['file']} line {data['line']}" if data.get("file") and data.get("line") else ""
        return f"{record.event} {way}{where}" + (f": {quoted(text)}" if text else "")
    if record.message:
        return record.message
    if record.topic == HANDLER and record.event == "handler_started":
        return f"The handler began {record.id} with {data.get('event', 'an event')}."
    if record.topic == HANDLER and record.event == "handler_ended":
        return f"{record.id} ended after {data.get('elapsed_ms', 0):.0f} ms: {data.get('status', 'ok')}."
    if record.topic == TURN and record.event == "end_of_turn":
        return f"The caller's turn ended after {data.get('waited_ms', 0):.0f} ms of silence."
    if record.topic == TURN and record.event == "cut":
        after = data.get("silent_after_ms")
        return "The agent was cut" + (f"; silent {after:.0f} ms after the decision." if after is not None else ".")
    if record.topic == TURN and record.event == "barge_in":
        return f"Decided to cut the agent, because of the caller's {data.get('by', 'voice')}."
    if record.topic in (STT_FINAL, STT_PARTIAL):
        return f"{'Recognised' if record.topic == STT_FINAL else 'Recognised so far'}: {quoted(text)}"
    if record.topic == SPEECH and record.event == "speech_requested":
        return f"Asked {data.get('provider') or 'the voice'} for {quoted(text)}"
    if record.topic == PLAY and text:
        return f"{record.event.replace('_', ' ').capitalize()}: {quoted(text)}"
    if record.topic == LOG:
        return text
    return record.event.replace("_", " ").capitalize() + (f": {text}" if text else "")
