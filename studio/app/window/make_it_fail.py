"""Making something fail in the call that runs, by name."""

from collections.abc import Callable

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.status.model import StatusModel
from studio.providers.faults import FAULTS


def add_fault_commands(commands: Commands, call: CallModel, status: StatusModel) -> None:
    """Register one command for each fault, as `call.` and its name."""

    def on() -> bool:
        return call.phase in ("starting", "running")

    def fail(name: str) -> Callable[[], None]:
        def run() -> None:
            call.order("fail", fault=name)
            status.notice(FAULTS[name].sentence, "info")

        return run

    for name, fault in FAULTS.items():
        commands.add(f"call.{name}", fault.title, fail(name), enabled=on, group="Make it fail")
