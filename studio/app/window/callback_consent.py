"""Asks once per project whether hosts elsewhere may be told of an agent's recordings."""

from studio.app.call.model import CallModel
from studio.app.call_settings.model import CallSettings
from studio.app.widgets.banner import Banner


def ask_for_callbacks(call: CallModel, settings: CallSettings, banner: Banner) -> None:
    """Show the question in the banner while a call is on whose agent wants it; the answer is the project's from then on."""

    def answer(value: str) -> None:
        if call.live:
            call.live.recordings.asked_host = ""
        if call.running:
            call.order("set", name="recording_callbacks", value=value)
        if not settings.write({"recording_callbacks": value}):
            call.failed(settings.problem)

    def look(*_: object) -> None:
        host = call.live.recordings.asked_host if call.live else ""
        if not host:
            return
        sentence = f"This agent wants {host} to be told when its recording of the call is done. Nothing is sent until you decide."
        if banner.sentence != sentence or banner.isHidden():
            banner.say(
                "info", sentence, {"Send": lambda: answer("send"), "Hold": lambda: answer("hold")}, closable=False
            )

    call.grew.connect(look)
    call.changed.connect(look)
