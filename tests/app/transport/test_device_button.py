"""A device's name with its level."""

import math

from studio.app.call.model import CallModel
from studio.app.tasks import Tasks
from studio.app.transport.device_button import DeviceButton


def test_digital_silence_on_a_meter_looks_like_the_least_level_it_shows(qtbot):
    call = CallModel(Tasks(lambda what, error: None).spawn)
    button = DeviceButton("output", call)
    qtbot.addWidget(button)
    button.show()
    call.output_dbfs = -60.0
    call.metered()
    least = button.grab().toImage()
    call.output_dbfs = -math.inf
    call.metered()
    assert button.grab().toImage() == least
