"""How an agent names a voice by its service, and where a call is transferred to."""

from enum import StrEnum
from typing import Literal, TypedDict


class TTSProvider(StrEnum):
    """Services that speak, by the names that a voice's `provider` takes."""

    AZURE = "azure"
    CARTESIA = "cartesia"
    CUSTOM = "custom"
    ELEVENLABS = "elevenlabs"
    FISH_AUDIO = "fish_audio"
    GOOGLE_CHIRP = "google_chirp"
    GRADIUM = "gradium"
    INWORLD = "inworld"
    MINIMAX = "minimax"
    OPENAI = "openai"
    PRIM_VOICES = "prim_voices"
    QWEN3 = "qwen3"
    XAI = "xai"


class TextToSpeechIdentifier(TypedDict):
    """A voice of a service."""

    provider: TTSProvider | str
    identifier: str


class PhoneTransferDestination(TypedDict):
    """A telephone number to transfer to."""

    type: Literal["phone"]
    number: str


class SipTransferDestination(TypedDict):
    """A SIP address to transfer to."""

    type: Literal["sip"]
    uri: str


TransferDestination = PhoneTransferDestination | SipTransferDestination
