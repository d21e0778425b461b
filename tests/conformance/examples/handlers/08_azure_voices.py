"""Voices of Azure speak the language of their country."""

from primfunctions.context import Context
from primfunctions.events import Event, StartEvent, TextToSpeechEvent


async def handler(event: Event, context: Context):
    if isinstance(event, StartEvent):
        yield TextToSpeechEvent("Aria speaks.", voice="aria")
        yield TextToSpeechEvent("你好,我是晓晓。", voice="xiaoxiao", language="zh-CN")
