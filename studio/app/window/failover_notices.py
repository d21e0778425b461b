"""That somebody else speaks or hears, in the status bar while the call runs."""

from studio.app.call.model import CallModel
from studio.app.status.model import StatusModel
from studio.sessions.failures import wants_key
from studio.sessions.records import NOTICE, Record


def tell_failovers(call: CallModel, status: StatusModel) -> None:
    """Say each as it happens; the next call begins without. Those about a key are said with the way to enter it, elsewhere."""
    said = ""
    on = call.running

    def tell(record: Record) -> None:
        nonlocal said
        if record.topic != NOTICE or record.event != "failed_over" or wants_key(record):
            return
        why, name = record.message.partition(". ")[0].rstrip("."), str(record.data.get("to", "")).rpartition(":")[2]
        said = f"{why} · {name} {'hears' if 'model' in record.data else 'speaks'}"
        status.notice(said)

    def look() -> None:
        nonlocal said, on
        was, on = on, call.running
        if on and not was:
            status.withdraw(said)
            said = ""

    call.recorded.connect(tell)
    call.changed.connect(look)
