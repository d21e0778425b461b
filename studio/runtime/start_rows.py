"""What the records say of the start of a session and of each of its agents."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from studio.agents.session_settings import SessionSettings
from studio.runtime.agent import Agent
from studio.runtime.journal import Journal
from studio.runtime.plan import SessionPlan
from studio.sessions.records import HANDLER, NOTICE, SESSION

_BY = {"phone": "by phone", "web": "on the web"}


def note_start(journal: Journal, plan: SessionPlan, agent: Agent, settings: SessionSettings, sdk: str) -> None:
    """Write that the session has started. `sdk` is the one that the agent runs on."""
    note_surroundings(journal, agent)
    journal.add(
        SESSION,
        "session_started",
        {
            "agent": agent.name,
            "channel": plan.channel,
            "environment": agent.environment,
            "virtual": plan.virtual,
            "sdk": sdk,
            "settings": asdict(settings),
            "variables": list(agent.variables),
            "given": _given(plan),
        },
    )
    if again := plan.again:
        sentence = f"The caller of session {again} calls again, {_BY[plan.channel]}."
        journal.add(NOTICE, "caller_again", {"session": again}, message=sentence)


def note_surroundings(journal: Journal, agent: Agent, turn: int = 0) -> None:
    """Write what is to be known of where an agent plays."""
    for notice in agent.start_notices:
        journal.add(NOTICE, notice.code, notice.facts, turn=turn, level=notice.level, message=notice.sentence)


def note_failed_start(journal: Journal, error: Mapping[str, Any]) -> str:
    """Write that an agent could not be imported; gives the sentence."""
    sentence = str(error.get("sentence", "The agent could not be started."))
    journal.add(HANDLER, "agent_failed", {"error": error}, level="error", message=sentence)
    return sentence


def _given(plan: SessionPlan) -> dict[str, Any]:
    """What was given for this session, by name, where it was."""
    given = {"data": plan.data, "input_data": plan.input_data, "settings": plan.given}
    return {name: dict(value) for name, value in given.items() if value}
