"""No secret is written anywhere, whatever an agent or a service does with it: twenty of nasty shapes are followed."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from studio import paths
from studio.agents.environment import child_environment, command
from studio.agents.environments.uv import uv_variables
from studio.agents.project import open_project
from studio.agents.variables import secrets_among
from studio.packages.voicerun import export_project
from studio.providers.errors import ProviderError
from studio.providers.failures import failed
from studio.providers.known_keys import known_keys, without_keys
from studio.providers.manifests import load_providers
from studio.providers.user import user_accounts
from studio.runtime.journal import Journal
from studio.sessions.redaction import KEYS, Redactor
from tests.canaries import CANARIES, NAMES, give_canaries, hits, leaks_below

HANDLER = """
import base64, json, logging, os, sys, urllib.parse
from primfunctions.events import (
    CustomEvent, DebugEvent, ErrorEvent, LogEvent, MetricEvent, StartEvent, TextEvent, TextToSpeechEvent
)


async def handler(event, context):
    secrets = [context.variables[f"CANARY_{n}_KEY"] for n in range(20)]
    if isinstance(event, StartEvent):
        print(dict(os.environ), sys.argv)
        for secret in secrets:
            coded = base64.b64encode(f"user:{secret}".encode()).decode()
            shapes = [secret, coded, urllib.parse.quote(secret, safe=""), json.dumps({"key": secret})]
            shapes += [secret.encode().hex(), secret.encode().hex().upper()]
            for shape in shapes:
                print(shape)
            print(shapes, file=sys.stderr)
            logging.warning("with %s", shapes)
            yield LogEvent(f"log {shapes}")
            yield DebugEvent("seen", {"nested": [{secret: shapes}]}, "output", {})
            yield CustomEvent("mine", {"shapes": shapes})
            yield MetricEvent("count", "keys", {"of": secret})
            yield ErrorEvent(secret)
            context.set_data(secret, shapes)
        context.set_output({"all": secrets})
        yield TextToSpeechEvent(text=f"My key is {secrets[0]}", voice="nova")
    elif isinstance(event, TextEvent):
        raise RuntimeError(f"refused: Bearer {secrets[int(event.data['text'])]}, {secrets}")
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "agent"
    folder.mkdir()
    (folder / "handler.py").write_text(HANDLER)
    give_canaries(folder)
    return folder


def studio(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-P", "-m", "studio", *arguments],
        env=os.environ | {"PYTHONPATH": str(paths.PACKAGE_ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_an_agent_that_tells_its_secrets_leaves_none_in_any_file(home: Path, project: Path, tmp_path: Path):
    out = tmp_path / "out"
    sessions = home / "data" / "sessions"
    for folder in (out, sessions):
        folder.mkdir(parents=True)
    ran = studio(
        *("run", str(project), "--virtual-time", "--cache", "--json", "--record", str(sessions / "one.mcap")),
        *("--out", str(out / "both.wav"), "--say", "0", "--say", "10"),
    )
    assert ran.returncode == 1, ran.stderr
    rows = [json.loads(line) for line in ran.stdout.splitlines()]
    assert hits(ran.stdout + ran.stderr) == []
    for number, name in enumerate(NAMES):
        told = [row for row in rows if f"[{name}]" in json.dumps(row)]
        assert {"LogEvent", "DebugEvent", "CustomEvent", "ErrorEvent"} <= {row["event"] for row in told}, number
    assert any("refused: Bearer [CANARY_10_KEY]" in json.dumps(row) for row in rows)
    assert any(row["event"] == "TextToSpeechEvent" and "[CANARY_0_KEY]" in row["data"]["text"] for row in rows)

    readable = studio("run", str(project), "--virtual-time", "--say", "3")
    assert "[CANARY_3_KEY]" in readable.stdout + readable.stderr
    assert hits(readable.stdout + readable.stderr) == []

    assert studio("export-session", str(sessions / "one.mcap"), str(out / "one.json")).returncode == 0
    assert (out / "one.json").stat().st_size > 1000
    assert leaks_below(home, out) == {}


def test_a_leak_would_be_seen(home: Path):
    for number, canary in enumerate(CANARIES):
        home.mkdir(exist_ok=True)
        (home / f"{number}.json").write_text(json.dumps({"text": canary}))
    assert len(leaks_below(home)) == len(CANARIES)


def test_keys_of_services_are_in_no_record_and_no_error(monkeypatch: pytest.MonkeyPatch, home: Path):
    names = [key.name for key in known_keys(load_providers().values())]
    for name, canary in zip(names, CANARIES, strict=False):
        monkeypatch.setenv(name, canary)
    credentials = user_accounts().credentials
    for number, canary in enumerate(CANARIES):
        credentials.keep(f"OWN_{number}", canary, "session")
    records: list[str] = []
    journal = Journal(lambda: 0)
    journal.subscribe(lambda record: records.append(repr(record)))
    errors: list[ProviderError] = []
    for canary in CANARIES:
        echo = f"Incorrect API key provided: {canary}"
        errors.append(failed("openai", "OpenAI", "bad_key", reason=echo))
        errors.append(ProviderError("openai", "garbage", json.dumps(echo)))
        journal.add("/notice", echo, {"said": [echo, {echo: echo}]}, message=echo)
    assert hits("".join(map(str, errors))) == []
    assert hits("".join(records)) == []
    assert len(records) == len(CANARIES)


def test_a_child_and_a_tool_get_no_key(monkeypatch: pytest.MonkeyPatch):
    names = [key.name for key in known_keys(load_providers().values())]
    for name in (*names, "MY_API_KEY"):
        monkeypatch.setenv(name, CANARIES[0])
    for virtual in (False, True):
        assert CANARIES[0] not in child_environment(virtual).values()
        assert not hits(" ".join(command(sys.executable, virtual)))
    assert CANARIES[0] not in uv_variables().values()
    assert CANARIES[0] not in without_keys(os.environ).values()
    assert without_keys({"PATH": "/bin", "UV_INDEX_URL": "x"}) == {"PATH": "/bin", "UV_INDEX_URL": "x"}


def test_secrets_are_told_by_their_names_by_the_deployment_and_by_their_shape(home: Path, tmp_path: Path):
    (home / "config").mkdir(parents=True)
    (home / "config" / "settings.toml").write_text(
        '[organization.variables]\nCRM = "0123456789abcdefghij"\nCLINIC = "Dental clinic of Dr. Smith 24"\n'
        'BILLING = "plain-word-of-billing"\n'
    )
    folder = tmp_path / "agent"
    (folder / ".voicerun").mkdir(parents=True)
    (folder / "handler.py").write_text("async def handler(event, context):\n    yield\n")
    (folder / ".voicerun" / "values.yaml").write_text(
        'variables:\n  PAY: "Bearer {{ Secrets.organization.BILLING }}"\n  CITY: "Springfield"\n'
    )
    assert secrets_among(open_project(folder), {"DB_PASSWORD": "hunter2hunter2"}) == {
        "CRM": "0123456789abcdefghij",
        "BILLING": "plain-word-of-billing",
        "PAY": "Bearer plain-word-of-billing",
        "DB_PASSWORD": "hunter2hunter2",
    }


def test_records_without_a_secret_are_handed_on_as_they_are():
    redactor = Redactor(KEYS)
    redactor.learn({"KEY": CANARIES[0]})
    data = {"text": "50% of C:\\new words\n"}
    assert Journal(lambda: 0, redactor).add("/log", "line", data, message="nothing").data is data


def test_a_package_with_a_key_in_it_is_warned_of(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("OPENAI_API_KEY", CANARIES[1])
    folder = tmp_path / "agent"
    folder.mkdir()
    (folder / "handler.py").write_text(f"KEY = {CANARIES[1]!r}\n\n\nasync def handler(event, context):\n    yield\n")
    report = export_project(folder, tmp_path / "agent.zip")
    assert (
        "handler.py:1: one of your keys is written here, and goes out with the package. Take it out." in report.problems
    )
    assert hits("".join(report.problems)) == []
    assert zipfile.is_zipfile(tmp_path / "agent.zip")
