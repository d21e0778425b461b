"""How a child is started: with which options and variables."""

import os

from studio import paths

#: What an agent may know of the machine. Nothing of the studio's own environment goes beyond these.
_PASSED_ON = (
    *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP"),
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    *("PROGRAMDATA", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE", "SSL_CERT_FILE", "SSL_CERT_DIR"),
)


def command(interpreter: str, virtual: bool) -> list[str]:
    """The command line of a child."""
    # virtual sessions need the hash seed of the environment, which -I would ignore; the rest of -I is -s and -P
    isolation = ["-s", "-P"] if virtual else ["-I"]
    return [interpreter, *isolation, "-X", "utf8", str(paths.AGENT_HOST)]


def child_environment(virtual: bool) -> dict[str, str]:
    """The environment of a child, built from nothing."""
    environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    if virtual:
        environment |= {"PYTHONHASHSEED": "0", "TZ": "UTC", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
    return environment
