"""The older interface for prompt history, kept for agents that still use it."""

from typing import Any


class History:
    """Mixed into `Context`: role and content lines beside the completion messages."""

    history: list[dict[str, Any]]
    conversation: dict[str, Any]
    llm_provider: Any

    def _clear_history(self) -> None:
        self.history = []
        self.conversation = {}
        self.llm_provider = None

    def add_message(self, role: str, content: Any, **rest: Any) -> None:
        """Add a line of any role."""
        self.history.append({"role": role, "content": content, **rest})

    def add_system_message(self, content: Any) -> None:
        """Add instructions."""
        self.add_message("system", content)

    def add_user_message(self, content: Any) -> None:
        """Add what the caller said."""
        self.add_message("user", content)

    def add_assistant_message(self, content: Any, **rest: Any) -> None:
        """Add what the agent said."""
        self.add_message("assistant", content, **rest)

    def add_tool_message(self, content: Any, tool_call_id: str | None = None, **rest: Any) -> None:
        """Add what a tool answered."""
        self.add_message("tool", content, **({"tool_call_id": tool_call_id} if tool_call_id else {}), **rest)

    def get_history(self, turns: int | None = None) -> list[dict[str, Any]]:
        """All lines, or those of the last `turns` things the caller said, instructions included."""
        if turns is None:
            return list(self.history)
        users = [i for i, line in enumerate(self.history) if line["role"] == "user"]
        start = users[-turns] if 0 < turns <= len(users) else 0 if turns > 0 else len(self.history)
        return [line for i, line in enumerate(self.history) if i >= start or line["role"] == "system"]

    def get_history_message(self, index: int = -1) -> dict[str, Any] | None:
        """One line by its place; None when there is none."""
        try:
            return self.history[index]
        except IndexError:
            return None

    def get_conversation_data(self, key: str, default: Any = None) -> Any:
        """A value kept for the conversation."""
        return self.conversation.get(key, default)

    def set_conversation_data(self, key: str, value: Any) -> None:
        """Keep a value for the conversation."""
        self.conversation[key] = value

    def add_conversation_data(self, key: str, value: Any) -> None:
        """Append to a list kept for the conversation."""
        self.conversation.setdefault(key, []).append(value)

    def get_llm_provider(self) -> Any:
        """The provider that the agent set."""
        return self.llm_provider

    def set_llm_provider(self, provider: Any) -> None:
        """Remember a provider."""
        self.llm_provider = provider
