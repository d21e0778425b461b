"""Puts a session together from a plan: project, child, voices, ear, sound."""

import asyncio
import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from studio.agents.deployment.deployment import Deployment
from studio.agents.deployment.kinds import BAD_VALUE
from studio.agents.directory import AgentDirectory
from studio.agents.link import AgentLink
from studio.agents.project import SETTINGS_FILE, Project, ProjectError, open_project
from studio.agents.session_settings import SessionSettings
from studio.agents.settings_file import line_of
from studio.agents.start_notices import start_notices
from studio.agents.variables import secrets_among, variables_of
from studio.audio.streams import Sink
from studio.providers.accounts import Accounts
from studio.providers.breaker import Health, worse
from studio.providers.catalogue import Catalogue
from studio.providers.desk import SpeechDesk
from studio.providers.ear_desk import EarDesk
from studio.providers.faults import Faults
from studio.runtime.agent import Agent
from studio.runtime.clock import SessionClock
from studio.runtime.effects.transfer import Target, TransferError
from studio.runtime.gateway.gateway import Gateway
from studio.runtime.gateway.services import Services
from studio.runtime.gateway.settings import models_of
from studio.runtime.journal import Journal
from studio.runtime.listening import Listening
from studio.runtime.plan import PlanError, SessionPlan
from studio.runtime.runs import Runs
from studio.runtime.session import Session
from studio.runtime.telephony import call_data
from studio.sessions.redaction import KEYS, Redactor

LinkMaker = Callable[[Project, SessionClock], AgentLink]


@dataclass(frozen=True, slots=True)
class Parts:
    """What sessions of one process share: voices, ears, how to get a child, and the keys."""

    speech: SpeechDesk
    ears: EarDesk
    make_link: LinkMaker
    accounts: Accounts = field(default_factory=Accounts)
    """Those of the desks too."""

    def health(self) -> Mapping[str, Health]:
        """How those providers do that have failed since their last success, whether they speak or hear."""
        return worse(self.speech.health(), self.ears.health())

    def recovered(self, provider: str) -> None:
        """A provider that was left alone can be asked again."""
        self.speech.recovered(provider)
        self.ears.recovered(provider)


def read_project(plan: SessionPlan) -> Project:
    """The plan's project. Raises PlanError."""
    try:
        return open_project(plan.project)
    except ProjectError as error:
        raise PlanError(str(error)) from None


def assemble(plan: SessionPlan, project: Project, parts: Parts, sink: Sink) -> Session:
    """Make the session; nothing runs until `Session.run`. Call it on the loop that is to run it."""
    clock = SessionClock(plan.virtual)
    redactor = Redactor(KEYS)
    journal = Journal(clock.now, redactor)
    id = session_id(project, plan)
    directory = AgentDirectory(project, plan.agents, plan.nearby)

    def find_agent(target: Target) -> Project:
        try:
            return directory.find(target.name)
        except ProjectError as error:
            raise TransferError(f"{error} The session goes on.") from None

    def next_agent(target: Target) -> Agent:
        other = find_agent(target)
        try:
            settings = settings_of(other, {}, _known(other, target.environment or plan.environment))
        except PlanError as error:
            raise TransferError(str(error)) from None
        handed = replace(
            plan,
            settings=settings,
            data={**plan.data, "transfer": dict(target.data)},
            input_data=target.data,
        )
        return _agent(other, handed, id, clock, journal, redactor, parts, target.environment or plan.environment)

    agent = _agent(project, plan, id, clock, journal, redactor, parts, plan.environment)
    session = Session(id, plan, journal, clock, agent, find_agent, next_agent, parts.speech, sink)
    known = Catalogue(accounts=parts.accounts)
    session.ears.unknown, session.ears.foreign = known.unknown_recogniser, known.foreign_language
    if plan.channel == "phone":
        _through_the_telephone(session)
    return session


def _agent(
    project: Project,
    plan: SessionPlan,
    id: str,
    clock: SessionClock,
    journal: Journal,
    redactor: Redactor,
    parts: Parts,
    environment: str,
) -> Agent:
    known = _known(project, environment)
    variables = variables_of(project, plan.variables, known)
    redactor.learn(secrets_among(project, plan.variables, known))
    initialize = _initialize(
        id, project, replace(plan, variables=variables), clock, project.deployment(known), environment
    )
    link = parts.make_link(project, clock)

    def services(runs: Runs, faults: Faults) -> Services:
        models = models_of(project, parts.accounts.credentials)
        gateway = Gateway(journal, project, models, faults, virtual=plan.virtual, allow_network=plan.allow_network)
        return Services(gateway, link, runs, journal.now, plan.virtual)

    return Agent(
        project.name,
        link,
        initialize,
        _settings_for(plan, project),
        variables=sorted(variables),
        environment=environment,
        start_notices=start_notices(project, variables, known),
        services=services,
    )


def _settings_for(plan: SessionPlan, project: Project) -> SessionSettings:
    settings = plan.settings
    talks = plan.script is not None  # a script holds no key
    return replace(
        settings,
        phrases=settings.phrases or tuple(project.phrases),
        push_to_talk=settings.push_to_talk and not talks,
    )


def _known(project: Project, environment: str) -> str:
    """An environment that a transfer names, as far as the target's files know it."""
    return environment if environment in project.environments else ""


async def give_ear(session: Session, desk: EarDesk) -> None:
    """Let the session hear. A recogniser that cannot be had becomes a notice: typed input goes on."""
    from studio.audio.level import LevelTracker
    from studio.audio.vad import VoiceActivity

    listening = Listening(session.journal, VoiceActivity(), LevelTracker(), session.ears, session.settings)
    session.listen(listening)  # what is said while a recogniser is being opened is not lost
    await session.ears.use(desk)


async def warm_voice(session: Session, project: Project, desk: SpeechDesk) -> None:
    """Have the likely first voice ready when the agent has started: its service is connected to meanwhile."""
    default = session.settings.default_voice
    await desk.warm_up(await asyncio.to_thread(_first_voice, project) or default, default)


def _first_voice(project: Project) -> str | Mapping[str, str]:
    """The voice that the agent's code names first; "" for none."""
    from studio.agents.checks.voices import first_voice

    try:
        return first_voice((project.root / project.entry).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return ""


def session_id(project: Project, plan: SessionPlan) -> str:
    """Random for a live session; for a virtual one the same as long as agent, script and seed are the same."""
    if not plan.virtual:
        return secrets.token_hex(6)
    script = [
        [
            *(
                step.say,
                step.dtmf,
                step.event,
                dict(step.data),
                step.fail,
                step.hang_up,
                step.after,
                step.after_speech_start,
            ),
            _digest_of(step.hear),
            *["paced"] * step.paced,
        ]
        for step in plan.script or ()
    ]
    what = [project.digest(), script, plan.seed, plan.channel, *([plan.environment] if plan.environment else [])]
    text = json.dumps(what, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _digest_of(samples: Any) -> str:
    return "" if samples is None else hashlib.sha256(samples.tobytes()).hexdigest()


def _initialize(
    id: str, project: Project, plan: SessionPlan, clock: SessionClock, deployment: Deployment, environment: str
) -> Mapping[str, Any]:
    return {
        "type": "initialize",
        "agent": project.name,
        "project": str(project.root),
        "entry": project.entry,
        "virtual": plan.virtual,
        "now": clock.now(),
        "wall": clock.wall_ns,
        "seed": plan.seed,
        "context": {
            "organization_id": "local",
            "agent_id": deployment.agent_id or project.name,
            "environment_id": "desk",
            "session_id": id,
            "environment": f"{deployment.environment or environment or 'debug'}|desk",
            "configuration": {**_seen_by_agent(deployment), **_configuration(plan)},
            "data": call_data(plan.channel, id, {**_data_of(deployment), **plan.data}),
            "input_data": dict(plan.input_data),
            "variables": dict(plan.variables),
        },
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
        "stt_noise_reduction_type": settings.stt_noise_reduction_type,
        "vad_mode": settings.vad_mode,
        "vad_eagerness": settings.vad_eagerness,
        "eot_threshold": settings.eot_threshold,
        "eager_eot_threshold": settings.eager_eot_threshold,
        "eot_timeout_ms": settings.eot_timeout_ms,
        "timeout": settings.timeout,
        "startup_audio_url": settings.startup_audio_url or None,
        "startup_audio_interruptible": settings.startup_audio_interruptible,
        "error_fallback_type": settings.error_fallback_type or None,
        "error_fallback_value": settings.error_fallback_value or None,
        "error_fallback_occurrence_threshold": settings.error_fallback_occurrence_threshold,
        "error_fallback_time_window": settings.error_fallback_time_window,
    }


def _through_the_telephone(session: Session) -> None:
    from studio.audio.telephone import TelephoneLine
    from studio.sessions.records import AGENT_RATE, CALLER_RATE

    agent, caller = TelephoneLine(AGENT_RATE), TelephoneLine(CALLER_RATE)
    session.synthesis.shape_sound(agent.process)
    session.sound_files.shape_sound(lambda sound: TelephoneLine(AGENT_RATE).process(sound))
    session.caller_line.treat = caller.process


def _seen_by_agent(deployment: Deployment) -> dict[str, Any]:
    """Settings of the deployment for `context.configuration` that are not the session's own."""
    return {name: value for name, value in deployment.settings.items() if name not in SessionSettings.names()}


def _data_of(deployment: Deployment) -> dict[str, Any]:
    """What the platform puts into `context.data` because of the deployment."""
    traced = deployment.settings.get("tracing_enabled")
    return {} if traced is None else {"tracingEnabled": traced}


def environment_of(project: Project, asked: str | None) -> str:
    """The environment to play in: what is asked for ("" for none), else the project's own choice. Raises PlanError."""
    kept = project.settings.get("environment", "")
    name = (kept if isinstance(kept, str) else "") if asked is None else asked
    known = project.environments
    if name and name not in known:
        choice = f"It has {', '.join(known)}." if known else "Its folder .voicerun has no values.NAME.yaml."
        raise PlanError(f"{project.name} has no environment '{name}'. {choice}")
    return name


def settings_of(project: Project, overrides: Mapping[str, Any], environment: str = "") -> SessionSettings:
    """Settings for a session: defaults < the deployment's < the project's own < `overrides`. Raises PlanError."""
    settings = SessionSettings()
    known = SessionSettings.names()
    given = {**project.settings, **overrides}
    deployment = project.deployment(environment)
    for name, value in {**deployment.settings, **given}.items():
        if name not in known and name not in overrides:
            continue
        try:
            settings = settings.changed(name, value)  # of an unknown name it says which there are
        except ValueError as error:
            if name in overrides:
                raise PlanError(str(error)) from None
            if name in project.settings:
                place = f"{project.root / SETTINGS_FILE}:{line_of(project, name)}"
            else:
                place = next(
                    (
                        f"{project.root / told.file}:{told.line}"
                        for told in deployment.findings
                        if (told.code, told.message) == (BAD_VALUE, str(error))
                    ),
                    f"the folder .voicerun of {project.root}",
                )
            raise PlanError(f"{error} It comes from {place}.") from None
    return settings
