"""What the conformance kits of plugins share: who is tried, a network that ends at this machine, the matrix."""

import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from studio.providers.accounts import Account
from studio.providers.manifests import load_providers
from studio.providers.user import user_accounts
from tests.plugins.kit.speaker import Speaker
from tests.plugins.kit.speech_cases import CASES, SpeechCase
from tests.stand_ins.stand_in import KEY, SpeechStandIn

_results: dict[str, dict[str, set[str]]] = {}
"""Outcomes by behaviour and case."""
_reasons: dict[str, set[str]] = {}
"""Why something was not tried, and for which cases."""


@pytest.fixture(params=CASES, ids=lambda case: case.name)
def case(request: pytest.FixtureRequest) -> SpeechCase:
    """A plugin that speaks."""
    return request.param


@pytest.fixture
def live(pytestconfig: pytest.Config) -> bool:
    """Whether the real services are asked."""
    return pytestconfig.getoption("--live")


@pytest.fixture
async def service(case: SpeechCase, live: bool) -> AsyncIterator[SpeechStandIn | None]:
    """The stand-in that runs; None where the real service is asked."""
    if live:
        yield None
    else:
        async with case.stand_in() as stand_in:
            yield stand_in


@pytest.fixture
async def speaker(case: SpeechCase, service: SpeechStandIn | None) -> AsyncIterator[Speaker]:
    """The plugin's engine with an account that works."""
    if service:
        speaker = Speaker(case, KEY, service.settings)
    else:
        account = real_account(case.plugin)
        speaker = Speaker(case, account.key, account.settings)
    yield speaker
    await speaker.close()


def real_account(name: str) -> Account:
    """The user's own account with a provider, as the studio reaches it: key of the environment, settings of the user."""
    provider, accounts = load_providers()[name], user_accounts()
    if why := accounts.missing(provider):
        pytest.skip(f"{why}: set {provider.key}")
    return accounts.account(provider)


@pytest.fixture
def stand_in(service: SpeechStandIn | None) -> SpeechStandIn:
    """For behaviours that the real service shows to nobody."""
    if service is None:
        pytest.skip("a stand-in is needed")
    return service


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch, live: bool) -> Iterator[None]:
    """Fails what leaves this machine."""
    left: list[Any] = []
    connect, look_up = socket.socket.connect, socket.getaddrinfo

    def guarded_connect(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and not _is_here(address[0]):
            left.append(address)
            raise OSError(f"{address} is not this machine")
        return connect(self, address)

    def guarded_look_up(host: Any, *arguments: Any, **options: Any) -> Any:
        if host and not _is_here(host):
            left.append(host)
            raise socket.gaierror(f"{host} is not this machine")
        return look_up(host, *arguments, **options)

    if not live:
        monkeypatch.setattr(socket.socket, "connect", guarded_connect)
        monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield
    assert not left, f"left this machine: {left}"


def _is_here(host: str | bytes) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(name).is_loopback
    return name == "localhost"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Any:
    report = yield
    tried = getattr(item, "callspec", None)
    if tried and "case" in tried.params:
        behaviour = item.originalname.removeprefix("test_").replace("_", " ")
        report.user_properties.append(("cell", (behaviour, tried.params["case"].name)))
    return report  # also to the process that prints the matrix


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    cell = dict(report.user_properties).get("cell")
    if cell and (report.when == "call" or report.outcome != "passed"):
        behaviour, name = cell
        _results.setdefault(behaviour, {}).setdefault(name, set()).add(report.outcome)
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            _reasons.setdefault(report.longrepr[2].removeprefix("Skipped: "), set()).add(name)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """The matrix, behaviour by plugin: `yes`, `NO`, and `-` where there is no such thing, with the reasons below it."""
    if not config.getoption("--matrix"):
        return
    names = sorted({name for row in _results.values() for name in row})
    wide = max((len(behaviour) for behaviour in _results), default=0)
    terminalreporter.section("plugins")
    terminalreporter.write_line(f"{'':{wide}}  {'  '.join(names)}")
    for behaviour, row in _results.items():
        cells = [f"{_cell(row.get(name, set())):^{len(name)}}" for name in names]
        terminalreporter.write_line(f"{behaviour:{wide}}  {'  '.join(cells)}")
    for reason, cases in sorted(_reasons.items()):
        terminalreporter.write_line(f"- {reason}: {', '.join(sorted(cases))}")


def _cell(outcomes: set[str]) -> str:
    return "NO" if "failed" in outcomes else "yes" if "passed" in outcomes else "-"
