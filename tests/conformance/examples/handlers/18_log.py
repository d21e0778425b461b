"""LogEvent: a line in the log, with attributes. It makes no sound."""

from primfunctions.context import Context
from primfunctions.events import Event, LogEvent, StartEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield LogEvent("A call has come in")
        yield LogEvent("The line is poor", attributes={"level": "warning", "packet_loss": 0.03})
