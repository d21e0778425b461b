"""Times, lengths and people's words, as they are written everywhere."""

from studio.sessions.records import NS, Record


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
