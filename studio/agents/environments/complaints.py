"""What uv says when something cannot be installed, as one sentence that says what to do."""

import re

from studio.agents.environments.requirements import Requirements

_UNKNOWN = re.compile(r"Because (\S+) was not found in the (package registry|provided package locations)")
_NO_VERSION = re.compile(r"(?:there is no version of|there are no versions of) (\S+?),? and")
_ONLY = re.compile(r"[Bb]ecause only (?:the following versions of )?(\S+?)(?: (?:is|are) available|:)")
_PYTHON = re.compile(r"[Pp]ython version \(([\d.]+)\) does not satisfy Python(\S+)(?: and (\S+) depends)?")
_NO_WHEEL = re.compile(r"Because (\S+) has no wheels? with a matching (Python|platform)")
_DEPENDS = re.compile(r"[Bb]ecause (?:all versions of )?(\S+) depends on (\S+?),? ")
_PARSE = re.compile(r"[Cc]ouldn't parse requirement in `-`.*?(?:cause:|╰─▶)\s*(.+)", re.S)
_BUILD = re.compile(r"Failed to (?:build|download and build) `([^`]+)`")
_COMPILER = re.compile(
    r"Microsoft Visual C\+\+ .* is required|command '?\S*(?:gcc|cc|clang|g\+\+|cl\.exe)\S*'? failed: No such file"
    r"|No such file or directory: '\S*(?:gcc|cc|clang|g\+\+|c\+\+|rustc|cargo|cmake)'|unable to execute '\S+': No such file"
    r"|[Uu]nknown compiler|can't find Rust compiler|xcrun: error|No CMAKE_C(?:XX)?_COMPILER",
)
_HOST = re.compile(r"https?://(?:[^/@\s]+@)?([^/\s:)]+)")
_NETWORK = re.compile(
    r"error sending request|dns error|tcp connect error|[Cc]onnection (?:refused|reset)|timed out|operation timed out"
    r"|network was disabled|network connectivity is disabled|[Nn]etwork is unreachable"
)
_REFUSED = re.compile(r"lack of valid authentication|\b(?:401 Unauthorized|403 Forbidden|407 Proxy)")
_CERTIFICATE = re.compile(r"invalid peer certificate|UnknownIssuer|CertificateUnknown|certificate verify failed")
_ROOM = re.compile(r"No space left on device|not enough space on the disk|os error (?:28|112)\b")


def sentence_of(output: str, requirements: Requirements) -> str:
    """One plain sentence: what failed, and what to do."""
    text = " ".join(output.split())
    file = requirements.file or "the project"
    if _ROOM.search(text):
        return "The packages cannot be installed: the disk is full. Make room and run again."
    if _CERTIFICATE.search(text):
        return (
            f"The packages cannot be downloaded: the certificate of {_host(text)} is not trusted here. "
            "Set SSL_CERT_FILE to your company's certificates and run again."
        )
    if _REFUSED.search(text):
        return (
            f"The packages cannot be downloaded: {_host(text)} wants a user and a password. "
            "Put them into the index URL (UV_DEFAULT_INDEX or PIP_INDEX_URL) and run again."
        )
    if _NETWORK.search(text):
        return (
            f"The packages cannot be downloaded: {_host(text)} cannot be reached. Connect to the network and run again."
        )
    return (
        _wrong_file(output, file)
        or _wrong_python(text, file)
        or _impossible(text, file)
        or _unbuilt(text, file)
        or f"The packages of {file} cannot be installed: {_last_error(output)}"
    )


def _wrong_file(output: str, file: str) -> str:
    if not (found := _PARSE.search(output)):
        return ""
    lines = [line.strip() for line in found[1].splitlines()]
    wrong = next((line for line in lines[1:] if line and not line.startswith("^")), "")
    return f"{file} has a line that is no requirement: '{wrong}'. Write it as NAME or NAME==VERSION." if wrong else ""


def _wrong_python(text: str, file: str) -> str:
    if not (found := _PYTHON.search(text)):
        return ""
    package = f"{found[3]} in {file}" if found[3] else file
    return (
        f"{package} needs Python {found[2].rstrip(',')}, and the agent runs with {found[1]}. "
        "Ask for another version of it, or give the project a .venv with such a Python."
    )


def _impossible(text: str, file: str) -> str:
    """What no choice of versions can satisfy."""
    if found := _UNKNOWN.search(text):
        return f"There is no package '{found[1]}'. Check how it is spelt in {file}."
    if found := _NO_WHEEL.search(text):
        machine = "this machine" if found[2] == "platform" else "the agent's Python"
        return (
            f"{found[1]}, which {file} asks for or needs, has no ready-made wheel for {machine}. "
            "Ask for a version that has one, or give the project a .venv with another Python."
        )
    conflict = _DEPENDS.search(text)
    if conflict and conflict[1] != "you":
        return (
            f"The versions in {file} do not fit together: {conflict[1]} needs {conflict[2]}. "
            "Loosen one of them and run again."
        )
    if found := _NO_VERSION.search(text):
        return f"There is no version {found[1]}. Ask for another one in {file}."
    if found := _ONLY.search(text):
        return f"No published version is what {file} asks for: there is {found[1]}. Ask for another one."
    if "requirements are unsatisfiable" in text:
        return f"The versions in {file} do not fit together. Loosen them and run again; the details say which."
    return ""


def _unbuilt(text: str, file: str) -> str:
    if not (found := _BUILD.search(text)):
        return ""
    package = found[1].partition(" @ ")[0]
    if _COMPILER.search(text):
        return (
            f"{package} has to be compiled here, and there is no compiler for it. "
            f"Ask in {file} for a version that has a ready-made wheel, or install a compiler, and run again."
        )
    return f"{package} cannot be built on this machine. Ask in {file} for another version; the details say what failed."


def _host(text: str) -> str:
    found = _HOST.search(text)
    return found[1] if found else "the package index"


def _last_error(output: str) -> str:
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith(("error", "cause"))]
    line = next(iter(errors or lines[-1:]), "uv gave no reason")
    return line.removeprefix("error:").removeprefix("cause:").strip().rstrip(".") + "."
