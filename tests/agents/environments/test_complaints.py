"""What uv says of a failure becomes one sentence that says what to do. The texts are uv's own (0.9 and 0.13)."""

from pathlib import Path

import pytest

from studio.agents.environments.complaints import sentence_of
from studio.agents.environments.requirements import Requirements

NEEDS = Requirements(Path(), "requirements.txt", ("x",))
UNSATISFIABLE = "we can conclude that your requirements are unsatisfiable."
CASES = {
    "unknown package": (
        "error: No solution found when resolving dependencies\n  cause: Because httpxx was not found in the package "
        f"registry and you require httpxx, {UNSATISFIABLE}",
        "There is no package 'httpxx'. Check how it is spelt in requirements.txt.",
    ),
    "unknown package, older uv": (
        "  × No solution found when resolving dependencies:\n  ╰─▶ Because httpxx was not found in the package registry\n"
        f"      and you require httpxx, {UNSATISFIABLE}",
        "There is no package 'httpxx'.",
    ),
    "no such version": (
        f"Because there is no version of requests==99.1 and you require requests==99.1, {UNSATISFIABLE}",
        "There is no version requests==99.1.",
    ),
    "no version that fits": (
        f"Because only pandas>=0.1 is available and you require pandas<0.1, {UNSATISFIABLE}",
        "No published version is what requirements.txt asks for: there is pandas>=0.1.",
    ),
    "versions that exclude each other": (
        "Because requests==2.32.0 depends on urllib3>=1.21.1,<3 and you require requests==2.32.0, we can conclude that "
        f"you require urllib3>=1.21.1,<3.\n And because you require urllib3<1, {UNSATISFIABLE}",
        "The versions in requirements.txt do not fit together: requests==2.32.0 needs urllib3>=1.21.1,<3.",
    ),
    "another python": (
        "Because the current Python version (3.13) does not satisfy Python>=3.14 and pv==1 depends on Python>=3.14, we "
        "can conclude that pv==1 cannot be used.",
        "pv==1 in requirements.txt needs Python >=3.14, and the agent runs with 3.13.",
    ),
    "no wheel for this python": (
        "Because pv==26.5.1 has no wheels with a matching Python ABI tag (e.g., `cp313`) and only the following versions "
        f"of pv are available: pv<23.3.0 pv==26.5.1 we can conclude that pv>=23.3.0 cannot be used. And {UNSATISFIABLE}",
        "pv==26.5.1, which requirements.txt asks for or needs, has no ready-made wheel for the agent's Python.",
    ),
    "no wheel for this machine": (
        f"Because pv==1 has no wheels with a matching platform tag (e.g., `win32`) and you require pv==1, {UNSATISFIABLE}",
        "pv==1, which requirements.txt asks for or needs, has no ready-made wheel for this machine.",
    ),
    "a line that is none": (
        "error: Couldn't parse requirement in `-` at position 0\n  cause: Expected one of `@`, `(`, found `b`\n"
        "         foo bar\n             ^",
        "requirements.txt has a line that is no requirement: 'foo bar'.",
    ),
    "no route": (
        "error: Failed to fetch: http://127.0.0.1:9/simple/six/\n  cause: error sending request for url\n"
        "  cause: client error (Connect)\n  cause: tcp connect error",
        "The packages cannot be downloaded: 127.0.0.1 cannot be reached. Connect to the network and run again.",
    ),
    "no names": (
        "error: Failed to fetch: `https://me:secret@host.example/simple/six/`\n  cause: dns error",
        "The packages cannot be downloaded: host.example cannot be reached.",
    ),
    "offline": (
        "Because six was not found in the cache and you require six, hint: Packages were unavailable because the network "
        "was disabled.",
        "The packages cannot be downloaded: the package index cannot be reached.",
    ),
    "password wanted": (
        "Because six was not found in the package registry and you require six\n hint: An index URL "
        "(http://host.example/simple) could not be queried due to a lack of valid authentication credentials (401 Unauthorized)",
        "host.example wants a user and a password.",
    ),
    "unknown certificate": (
        "error: Failed to fetch: `https://host.example/simple/six/`\n cause: error sending request for url\n"
        " cause: invalid peer certificate: UnknownIssuer",
        "the certificate of host.example is not trusted here.",
    ),
    "no compiler": (
        "error: Failed to build `srcpkg==1.0`\n [stderr]\n error: [Errno 2] No such file or directory: '/usr/bin/cc'",
        "srcpkg==1.0 has to be compiled here, and there is no compiler for it.",
    ),
    "a broken build": (
        "error: Failed to build `srcpkg @ file:///p/srcpkg`\n [stderr]\n KeyError: 'x'",
        "srcpkg cannot be built on this machine.",
    ),
    "no room": ("error: Failed to extract archive\n cause: No space left on device (os error 28)", "the disk is full"),
    "anything else": ("Using Python 3.13\nerror: the moon is full", "cannot be installed: the moon is full."),
    "nothing": ("", "cannot be installed: uv gave no reason."),
}


@pytest.mark.parametrize("case", CASES)
def test_a_failure_is_said_in_one_sentence(case):
    output, sentence = CASES[case]
    said = sentence_of(output, NEEDS)
    assert sentence in said
    assert "secret" not in said
    assert "\n" not in said
