"""The transcript of what was said and heard, as `context.transcript` gives it to the agent."""

from typing import Any


class ConversationTranscript:
    """Rows `{"role", "content", "interrupted"}`; an agent's row holds only what was heard. Empty rows are left out."""

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self._turn = -1

    def begin_anew(self) -> None:
        """Another agent goes on: what was said before is not its conversation."""
        self.rows = []
        self._turn = -1

    def caller(self, text: str) -> None:
        """The caller said something that was delivered."""
        if text:
            self.rows.append({"role": "user", "content": text, "interrupted": False})
            self._turn = -1

    def agent(self, turn: int, heard: str, interrupted: bool) -> None:
        """A line of the agent ended; lines of one turn are one row."""
        if self._turn == turn and self.rows:
            row = self.rows[-1]
            row["content"] = f"{row['content']} {heard}".strip()
            row["interrupted"] = row["interrupted"] or interrupted
        elif heard:
            self.rows.append({"role": "assistant", "content": heard, "interrupted": interrupted})
            self._turn = turn

    def last_agent_row(self) -> dict[str, Any] | None:
        """What was heard of the agent since the caller's last words; None when nothing was."""
        row = self.rows[-1] if self.rows else None
        return row if row and row["role"] == "assistant" else None
