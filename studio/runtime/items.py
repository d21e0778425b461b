"""What stands in the queue of the agent's turn."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.providers.desk import Line
from studio.providers.speech import Word
from studio.runtime.playout import Clip

ItemKind = Literal["speech", "audio", "silence", "action", "stop", "transfer"]
ItemState = Literal["waiting", "playing", "done", "cut", "dropped"]

_PREFIX: dict[ItemKind, str] = {
    "speech": "say",
    "audio": "snd",
    "silence": "sil",
    "action": "act",
    "stop": "end",
    "transfer": "end",
}


def prefix_of(kind: ItemKind) -> str:
    """The prefix of the ids of a kind of items."""
    return _PREFIX[kind]


@dataclass(slots=True)
class Item:
    """One thing that happens in order: a line, a sound, a silence, an action after speech, or the end of the call."""

    kind: ItemKind
    clip: Clip
    out: str
    """Id of the output record that asked for it."""
    run: str
    turn: int
    protected: bool
    text: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    state: ItemState = "waiting"
    queued: int = 0
    """Session time in ns at which it entered the queue."""
    started: int = 0
    """First sample on the agent line."""
    line: Line | None = None
    """What was asked of the voice (speech)."""
    whole: bool = False
    """Whether all of its sound has come (speech)."""
    relayed: bool = False
    """Whether more than one speaker had to speak it, because a provider failed."""
    skip: int = 0
    """Samples at the beginning of the line's sound that were heard before (a line that goes on after a cough)."""
    handed: int = 0
    """Samples of it that were handed over before it was cut."""
    heard: str = ""
    """What of its text was heard then."""
    on_reached: Callable[[], None] | None = None
    """What happens when the place of an action, a stop or a transfer is reached."""
    gone_by: str = ""
    """Who cut or dropped it: voice, text, keys, end, replace, failed, or a reason in words."""
    gone_at: int = 0
    """Session time in ns at which it was first cut or withdrawn; 0 where it was not."""
    failure: str = ""
    """The sentence that says why its sound broke off, or never came."""

    @property
    def id(self) -> str:
        """The clip's id names the item in every record."""
        return self.clip.id

    @property
    def unplayed(self) -> bool:
        """Whether it has not ended yet."""
        return self.state in ("waiting", "playing")

    @property
    def sounds(self) -> bool:
        """Whether it takes time on the agent line; the others are places in the queue."""
        return self.kind in ("speech", "audio", "silence")

    @property
    def barrier(self) -> bool:
        """Whether it ends the conversation when its place in the queue is reached."""
        return self.kind in ("stop", "transfer")
