"""The colours by meaning. A colour says who or what, and says it everywhere."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """One palette. Values are "#RRGGBB"."""

    name: str
    bg: str
    panel: str
    raised: str
    field: str
    line: str
    text: str
    dim: str
    faint: str
    selection: str
    caller: str
    agent: str
    voice: str
    handler: str
    speech: str
    turn: str
    warning: str
    error: str


DARK = Tokens(
    name="dark",
    bg="#12151A",
    panel="#181C22",
    raised="#20262E",
    field="#0F1216",
    line="#2A313B",
    text="#E7EAEF",
    dim="#97A1AF",
    faint="#828D9C",
    selection="#2B3A55",
    caller="#63D2A6",
    agent="#6EA8FE",
    voice="#F3E58A",
    handler="#D66BC4",
    speech="#8FE0EE",
    turn="#8D99AA",
    warning="#F0A65A",
    error="#F47C7C",
)

LIGHT = Tokens(
    name="light",
    bg="#EEF0F3",
    panel="#FFFFFF",
    raised="#F4F6F8",
    field="#FFFFFF",
    line="#D8DDE4",
    text="#1B2129",
    dim="#5B6675",
    faint="#6B7685",
    selection="#DCE8FC",
    caller="#128A5E",
    agent="#1F6FEB",
    voice="#A37500",
    handler="#B0389B",
    speech="#1B8299",
    turn="#66717F",
    warning="#A85400",
    error="#C93B3B",
)
