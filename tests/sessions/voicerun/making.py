"""Rows as the platform's debugger exports them."""

from datetime import UTC, datetime, timedelta
from typing import Any

BEGAN = datetime(2026, 4, 7, 9, 30, tzinfo=UTC)
CONTEXT = {"agent_id": "agent-7", "environment": "debug|env-1", "variables": {"KEY": "s3cret"}, "data": {"n": 1}}
LATE_S = 0.04
"""How much later the debugger sees a row."""


def row(at: float, type: str, name: str, turn: int = 0, **data: Any) -> dict[str, Any]:
    """One row; `at` in seconds."""
    moment = BEGAN + timedelta(seconds=at)
    framed = {"background": False, "background_task_name": None, "context": CONTEXT} if type != "metric" else {}
    return {
        "event": "debug",
        "type": type,
        "name": name,
        "data": {**data, **framed},
        "turn": turn,
        "timestamp": moment.isoformat(),
        "_clientTime": (moment.timestamp() + LATE_S) * 1000,
    }


def call() -> list[dict[str, Any]]:
    """A greeting, a timeout, a line of the caller that cuts the answer, and the end."""
    metric = "metrics.latency."
    return [
        row(0.0, "input", "start"),
        row(0.1, "metric", metric + "handler_first_speech_event", value_s=0.1, turn=0),
        row(0.1, "output", "text_to_speech", text="Good morning, who is calling?", voice="nova"),
        row(0.3, "metric", metric + "tts_first_audio_frame", latency_s=0.2, turn=0),
        row(2.4, "input", "turn_end", duration=104.0),
        row(7.4, "input", "timeout", 1, count=1, ms_since_input=7400),
        row(7.5, "output", "text_to_speech", 1, text="Are you there?"),
        row(7.7, "metric", metric + "tts_first_audio_frame", 1, latency_s=0.2),
        row(8.9, "input", "turn_end", 1, duration=90.0),
        row(10.0, "input", "text", 2, source="speech", text="yes it is me", language="en"),
        row(10.2, "output", "text_to_speech", 2, text="one two three four five six seven eight"),
        row(10.4, "metric", metric + "tts_first_audio_frame", 2, latency_s=0.2),
        row(11.8, "input", "turn_interrupted", 2),
        row(
            12.0,
            "input",
            "text",
            3,
            source="text",
            text="stop",
            previous_turn_interrupted=True,
            previous_turn_agent_transcript="one two three",
        ),
        row(12.1, "output", "log", 3, message="bye", location="handler.py:9"),
        row(12.1, "output", "stop", 3),
        row(12.2, "input", "stop", 4),
    ]
