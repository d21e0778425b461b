"""Messages of a conversation with a model. `serialize()` gives the dict as which one is sent and kept."""

import base64
import json
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class CacheBreakpoint:
    """Marks the message up to which a provider may keep the prompt."""

    ttl: str = "5m"

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return {"ttl": self.ttl}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "CacheBreakpoint":
        """The mark of its dict."""
        return cls(data.get("ttl", "5m"))


@dataclass
class FunctionCall:
    """The function that a model wants called; `arguments` is a dict."""

    name: str
    arguments: dict[str, Any]

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return {"name": self.name, "arguments": self.arguments}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "FunctionCall":
        """The function of its dict."""
        return cls(data["name"], dict(data.get("arguments") or {}))

    def __str__(self) -> str:
        return json.dumps(self.serialize())


@dataclass
class ToolCall:
    """One wish of a model to have a function called."""

    id: str
    type: str
    function: FunctionCall
    index: int | None = None
    thought_signature: bytes | None = None

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        row: dict[str, Any] = {"id": self.id, "type": self.type, "function": self.function.serialize()}
        if self.index is not None:
            row["index"] = self.index
        if self.thought_signature is not None:
            row["thought_signature"] = _as_text(self.thought_signature)
        return row

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "ToolCall":
        """The call of its dict."""
        function = FunctionCall.deserialize(data["function"])
        signature = _as_bytes(data.get("thought_signature"))
        return cls(data["id"], data.get("type", "function"), function, data.get("index"), signature)

    def __str__(self) -> str:
        return json.dumps(self.serialize())


class ConversationHistoryMessage(ABC):
    """What all messages have."""

    @property
    @abstractmethod
    def role(self) -> str:
        """Who speaks: system, user, assistant, tool."""

    @abstractmethod
    def serialize(self) -> dict[str, Any]:
        """As it is sent."""

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "ConversationHistoryMessage":
        """The message of its dict. Raises ValueError for a role that does not exist."""
        kind = _KINDS.get(data.get("role", ""))
        if kind is None:
            raise ValueError(f"A message has the role system, user, assistant or tool, not {data.get('role')!r}.")
        return kind.deserialize(data)

    def __str__(self) -> str:
        return json.dumps(self.serialize())


def _new_id() -> str:
    return uuid.uuid4().hex[:8]


@dataclass
class UserMessage(ConversationHistoryMessage):
    """What the caller said."""

    content: str
    vr_id: str = field(default_factory=_new_id)
    name: str | None = None
    cache_breakpoint: CacheBreakpoint | None = None

    @property
    def role(self) -> str:
        """Always user."""
        return "user"

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _row(self, content=self.content, vr_id=self.vr_id, name=self.name)

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "UserMessage":
        """The message of its dict."""
        return cls(data.get("content") or "", **_common(data, "name"))


@dataclass
class SystemMessage(ConversationHistoryMessage):
    """Instructions to the model."""

    content: str
    vr_id: str = field(default_factory=_new_id)
    cache_breakpoint: CacheBreakpoint | None = None

    @property
    def role(self) -> str:
        """Always system."""
        return "system"

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _row(self, content=self.content, vr_id=self.vr_id)

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "SystemMessage":
        """The message of its dict."""
        return cls(data.get("content") or "", **_common(data))


@dataclass
class AssistantMessage(ConversationHistoryMessage):
    """What the model said, and the tools it wants called."""

    content: str | None = None
    vr_id: str = field(default_factory=_new_id)
    tool_calls: list[ToolCall] | None = None
    cache_breakpoint: CacheBreakpoint | None = None
    thought_signature: bytes | None = None
    encrypted_reasoning: str | None = None

    @property
    def role(self) -> str:
        """Always assistant."""
        return "assistant"

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        row = _row(
            self,
            vr_id=self.vr_id,
            tool_calls=[call.serialize() for call in self.tool_calls] if self.tool_calls else None,
            thought_signature=_as_text(self.thought_signature) if self.thought_signature is not None else None,
            encrypted_reasoning=self.encrypted_reasoning,
        )
        return {"role": row.pop("role"), "content": self.content, **row}

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "AssistantMessage":
        """The message of its dict."""
        return cls(
            data.get("content"),
            tool_calls=[ToolCall.deserialize(call) for call in data.get("tool_calls") or ()] or None,
            thought_signature=_as_bytes(data.get("thought_signature")),
            **_common(data, "encrypted_reasoning"),
        )


@dataclass
class ToolResultMessage(ConversationHistoryMessage):
    """What a tool answered; `content` is a dict."""

    tool_call_id: str
    content: dict[str, Any]
    vr_id: str = field(default_factory=_new_id)
    name: str | None = None
    cache_breakpoint: CacheBreakpoint | None = None

    @property
    def role(self) -> str:
        """Always tool."""
        return "tool"

    def serialize(self) -> dict[str, Any]:
        """As it is sent."""
        return _row(self, tool_call_id=self.tool_call_id, content=self.content, vr_id=self.vr_id, name=self.name)

    @classmethod
    def deserialize(cls, data: Mapping[str, Any]) -> "ToolResultMessage":
        """The message of its dict."""
        return cls(data["tool_call_id"], data.get("content") or {}, **_common(data, "name"))


Message = SystemMessage | UserMessage | AssistantMessage | ToolResultMessage
ConversationHistory = list[ConversationHistoryMessage]

_KINDS: dict[str, type[ConversationHistoryMessage]] = {
    "system": SystemMessage,
    "user": UserMessage,
    "assistant": AssistantMessage,
    "tool": ToolResultMessage,
}


def serialize_conversation(conversation: Iterable[ConversationHistoryMessage]) -> list[dict[str, Any]]:
    """The dicts of messages."""
    return [message.serialize() for message in conversation]


def deserialize_conversation(data: Iterable[Mapping[str, Any]]) -> ConversationHistory:
    """The messages of their dicts. Raises ValueError for a role that does not exist."""
    return [ConversationHistoryMessage.deserialize(row) for row in data]


def _row(message: Any, **fields: Any) -> dict[str, Any]:
    row = {"role": message.role, **{key: value for key, value in fields.items() if value is not None}}
    if message.cache_breakpoint is not None:
        row["cache_breakpoint"] = message.cache_breakpoint.serialize()
    return row


def _common(row: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """What messages share, as arguments."""
    fields = {name: row[name] for name in ("vr_id", *names) if row.get(name) is not None}
    if row.get("cache_breakpoint"):
        fields["cache_breakpoint"] = CacheBreakpoint.deserialize(row["cache_breakpoint"])
    return fields


def _as_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _as_bytes(text: str | None) -> bytes | None:
    return base64.b64decode(text) if text else None
