"""Events that come neither from the caller nor from the session: somebody at the desk gives them to the agent."""

from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QWidget

from studio.app.call.model import CallModel
from studio.app.commands import Commands
from studio.app.widgets.ask import ask_text


def add_given_events(commands: Commands, call: CallModel, window: QWidget) -> None:
    """Register a command for each of them."""

    def running() -> bool:
        return call.phase == "running"

    def give(event: str, **data: Any) -> None:
        call.order("give", event=event, data=data)

    def ask(title: str, label: str, then: Callable[[str], None]) -> None:
        def given(text: str) -> str:
            if not text:
                return "Write something."
            then(text)
            return ""

        ask_text(window, title, label, "Give it to the agent", given)

    def external() -> None:
        ask(
            "A message from another session",
            "Its name",
            lambda name: give("external_event", agent_id="desk", session_id="desk", name=name, data={}),
        )

    def supervisor() -> None:
        ask(
            "A question to the supervisor",
            "What is asked",
            lambda text: give("supervisor_request", content=text),
        )

    def payment() -> None:
        give("collect_payment_success")

    def voicemail() -> None:
        give("voicemail_detection", transcript="", confidence=1.0, reason="given from the desk")

    for id, title, run in (
        ("call.give_payment", "Give the agent: the payment went through", payment),
        ("call.give_voicemail", "Give the agent: an answering machine took the call", voicemail),
        ("call.give_external", "Give the agent: a message from another session…", external),
        ("call.give_supervisor", "Give the agent: a question to the supervisor…", supervisor),
    ):
        commands.add(id, title, run, enabled=running, group="Call")
