"""The older interface for prompt history, kept for agents that still use it."""

from typing import Any

from primfunctions.completions import ConversationHistory, deserialize_conversation, serialize_conversation
from primfunctions.configuration import Configuration


class History:
    """Mixed into `Context`: lines of role and content, and typed messages, beside the completion messages."""

    configuration: Configuration
    history: list[dict[str, Any]]
    _conversation: list[dict[str, Any]]

    def _clear_history(self) -> None:
        self.history = []
        self._conversation = []

    def add_message(self, role: str, content: str) -> None:
        """Add a line of any role."""
        self.history.append({"role": role, "content": content})

    def add_system_message(self, message: str) -> None:
        """Add instructions."""
        self.add_message("system", message)

    def add_user_message(self, message: str) -> None:
        """Add what the caller said."""
        self.add_message("user", message)

    def add_assistant_message(self, message: str) -> None:
        """Add what the agent said."""
        self.add_message("assistant", message)

    def add_tool_message(self, tool_name: str, result: Any, tool_call_id: str) -> None:
        """Add what a tool answered."""
        self.history.append({"role": "tool", "name": tool_name, "content": result, "tool_call_id": tool_call_id})

    def get_history(self, turns: int = 0) -> list[dict[str, Any]]:
        """All lines, or the last two for each of `turns`."""
        return self.history[-2 * turns :] if turns else self.history

    def get_history_message(self, turns: int = 0) -> list[dict[str, Any]]:
        """The lines of `get_history`."""
        return self.get_history(turns)

    def get_conversation_history(self) -> ConversationHistory:
        """The typed messages."""
        return deserialize_conversation(self._conversation)

    def add_conversation_message(self, message: Any) -> None:
        """Append a typed message."""
        self._conversation.append(message.serialize())

    def set_conversation_history(self, history: ConversationHistory) -> None:
        """Replace the typed messages."""
        self._conversation = serialize_conversation(history)

    def get_llm_provider(self) -> Any:
        """The provider of the configuration."""
        return self.configuration.llm_provider

    def set_llm_provider(self, provider: Any) -> None:
        """Set the provider of the configuration."""
        self.configuration.llm_provider = provider
