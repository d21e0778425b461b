"""Making something fail in the call that runs, by name."""

from collections.abc import Callable

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.status.model import StatusModel
from studio.providers.faults import FAULTS
from studio.sessions.records import LLM, NS, SESSION, SPEECH, Record


def add_fault_commands(commands: Commands, call: CallModel, status: StatusModel) -> None:
    """Register one command for each fault, as `call.` and its name."""

    def on() -> bool:
        return call.phase in ("starting", "running")

    def fail(name: str) -> Callable[[], None]:
        def run() -> None:
            call.order("fail", fault=name)
            status.notice(FAULTS[name].sentence, "info", passing=False)

        return run

    for name, fault in FAULTS.items():
        commands.add(f"call.{name}", fault.title, fail(name), enabled=on, group="Make it fail")
    _withdraw_what_is_over(call, status)


def _withdraw_what_is_over(call: CallModel, status: StatusModel) -> None:
    """A fault is announced in the status bar until it has happened, has lasted its time, or the call is over."""
    until: dict[str, int] = {}  # session time at which a fault that lasts is over

    def look(record: Record) -> None:
        if record.topic == SESSION and record.event == "fault_set" and record.data.get("seconds"):
            until[str(record.data.get("fault"))] = record.publish_time + round(record.data["seconds"] * NS)
        for name in FAULTS:
            if _has_happened(name, record):
                status.withdraw(FAULTS[name].sentence)

    def grew(_lines: object) -> None:
        now = call.live.data.end_ns if call.live else 0
        for name in [name for name, end in until.items() if end <= now]:
            del until[name]
            status.withdraw(FAULTS[name].sentence)

    def ended(_record: object) -> None:
        until.clear()
        for fault in FAULTS.values():
            status.withdraw(fault.sentence)

    call.recorded.connect(look)
    call.grew.connect(grew)
    call.ended.connect(ended)


def _has_happened(name: str, record: Record) -> bool:
    """Whether a record is what comes of a fault. No record of a model names one: the next sign of a model counts."""
    if record.topic == SPEECH:
        return record.event == "speech_requested" and record.data.get("fault") == name
    if record.topic == LLM and name == "completion_slow":
        return record.event == "completion_first_token"
    return record.topic == LLM and name == "completion_refused" and record.data.get("failure") == "refused"
