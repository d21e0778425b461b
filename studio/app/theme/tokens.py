"""The colours by meaning. A colour says who or what, and says it everywhere.

Text in any of them reads at 4.5:1 or more on `bg`, `panel`, `raised` and `field`; on `selection` only `text` and `dim` do,
so a selected row writes in those two. The colours of lanes stay apart for colour-blind eyes.
"""

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
    dim="#9BA5B3",
    faint="#828D9C",
    selection="#2B3A55",
    caller="#5CD1A7",
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
    faint="#636D7B",
    selection="#DCE8FC",
    caller="#107C55",
    agent="#1465E3",
    voice="#8C6500",
    handler="#AD3699",
    speech="#145B73",
    turn="#646E7C",
    warning="#A85400",
    error="#C73737",
)
