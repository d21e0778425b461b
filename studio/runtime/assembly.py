"""Puts a session together from a plan: project, child, voices, ear, sound."""

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from studio.agents.link import AgentLink
from studio.agents.project import Project, ProjectError, open_project
from studio.audio.streams import Sink
from studio.providers.desk import EarDesk, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.recognition import RecogniserSettings, Transcript
from studio.runtime.clock import SessionClock
from studio.runtime.journal import Journal
from studio.runtime.listening import Listening
from studio.runtime.plan import PlanError, SessionPlan
from studio.runtime.session import Session
from studio.runtime.settings import SessionSettings
from studio.runtime.virtual_time import external

LinkMaker = Callable[[Project, SessionClock], AgentLink]


@dataclass(frozen=True, slots=True)
class Parts:
    """What sessions of one process share: voices, ears, and how to get a child."""

    speech: SpeechDesk
    ears: EarDesk
    make_link: LinkMaker


def read_project(plan: SessionPlan) -> Project:
    """The plan's project. Raises PlanError."""
    try:
        return open_project(plan.project)
    except ProjectError as error:
        raise PlanError(str(error)) from None


def assemble(plan: SessionPlan, project: Project, parts: Parts, sink: Sink) -> Session:
    """Make the session; nothing runs until `Session.run`. Call it on the loop that is to run it."""
    plan = replace(plan, variables=variables_of(project, plan.variables))
    clock = SessionClock(plan.virtual)
    journal = Journal(clock.now)
    id = session_id(project, plan)
    link = parts.make_link(project, clock)
    initialize = _initialize(id, project, plan, clock)
    session = Session(id, plan, journal, clock, link, parts.speech, sink, initialize)
    if plan.channel == "phone":
        _through_the_telephone(session)
    session.missing_variables = [name for name in project.variables if name not in plan.variables]
    return session


async def give_ear(session: Session, ears: EarDesk, project: Project) -> None:
    """Let the session hear. A recogniser that cannot be had becomes a notice: typed input goes on."""
    from studio.audio.level import LevelTracker
    from studio.audio.vad import VoiceActivity

    settings = session.settings
    delay = ears.virtual_delay_s if session.plan.virtual else 0.0
    listening = Listening(
        session.journal, session.clock, VoiceActivity(), LevelTracker(), None, settings, final_delay_s=delay
    )
    wanted = RecogniserSettings(
        language=settings.stt_language,
        model=settings.stt_model,
        prompt=settings.stt_prompt,
        phrases=settings.phrases or tuple(project.phrases),
    )
    try:
        # in virtual time guesses would come at another place in every run
        on_partial = _nobody if session.plan.virtual else listening.partial
        async with external():
            listening.ear = await ears.open(wanted, on_partial, session.provider_notice)
    except ProviderError as error:
        session.notice("no_recogniser", f"{error} Typed input goes on.")
    session.listen(listening)


def _nobody(partial: Transcript) -> None:
    """Nobody listens."""


def session_id(project: Project, plan: SessionPlan) -> str:
    """Random for a live session; for a virtual one the same as long as agent, script and seed are the same."""
    if not plan.virtual:
        return secrets.token_hex(6)
    script = [
        [step.say, step.dtmf, step.hang_up, step.after, step.after_speech_start, _digest_of(step.hear)]
        for step in plan.script or ()
    ]
    text = json.dumps([project.digest(), script, plan.seed, plan.channel], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _digest_of(samples: Any) -> str:
    return "" if samples is None else hashlib.sha256(samples.tobytes()).hexdigest()


def _initialize(id: str, project: Project, plan: SessionPlan, clock: SessionClock) -> Mapping[str, Any]:
    return {
        "type": "initialize",
        "agent": project.name,
        "project": str(project.root),
        "entry": project.entry,
        "virtual": plan.virtual,
        "now": 0,
        "wall": clock.wall_ns,
        "seed": plan.seed,
        "context": {
            "organization_id": "local",
            "agent_id": project.name,
            "environment_id": "desk",
            "session_id": id,
            "environment": "debug|desk",
            "configuration": _configuration(plan),
            "data": dict(plan.data),
            "input_data": dict(plan.input_data),
            "variables": dict(plan.variables),
        },
        "completions": None,
        "limits": {},
    }


def _configuration(plan: SessionPlan) -> dict[str, Any]:
    settings = plan.settings
    return {
        "input_type": "mic" if plan.channel == "web" else "phone",
        "origin": plan.channel,
        "default_voice": settings.default_voice,
        "stt_model": settings.stt_model,
        "stt_prompt": settings.stt_prompt,
        "stt_endpointing": settings.stt_endpointing,
        "stt_language": settings.stt_language,
        "timeout": settings.timeout,
    }


def _through_the_telephone(session: Session) -> None:
    from studio.audio.telephone import TelephoneLine
    from studio.sessions.records import AGENT_RATE, CALLER_RATE

    agent, caller = TelephoneLine(AGENT_RATE), TelephoneLine(CALLER_RATE)
    session.synthesis.shape_sound(agent.process)
    session.shape_caller(caller.process)


def variables_of(project: Project, overrides: Mapping[str, str]) -> dict[str, str]:
    """What `context.variables` holds: the table `[variables]` of the project's settings, then `overrides`."""
    kept = project.settings.get("variables", {})
    return (
        {**{str(name): str(value) for name, value in kept.items()}, **overrides}
        if isinstance(kept, dict)
        else {**overrides}
    )


def settings_of(project: Project, overrides: Mapping[str, Any]) -> SessionSettings:
    """Settings for a session: defaults < the project's own < `overrides`. Raises PlanError."""
    settings = SessionSettings()
    known = set(SessionSettings.__dataclass_fields__)
    try:
        for name, value in {**project.settings, **overrides}.items():
            if name in known:
                settings = settings.changed(name, value)
            elif name in overrides:
                settings.changed(name, value)  # raises with the list of names
    except ValueError as error:
        raise PlanError(str(error)) from None
    return settings
