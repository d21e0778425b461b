"""What a document of `.voicerun/templates` may hold, by kind, as the platform's own validation has it."""

import difflib
import re
from collections.abc import Iterator, Mapping

from studio.agents.deployment.yaml_tree import YamlDocument
from studio.agents.finding import Finding, Level
from studio.agents.names import unknown_in_failover
from studio.agents.session_settings import SessionSettings

API_VERSION = "voicerun/v1"

SPEC_KEYS: Mapping[str, frozenset[str]] = {
    "Deployment": frozenset(
        {"mode", "dedicated", "region", "variables", "relay", "stt", "turnTaking", "tts", "recording", "redaction"}
        | {"tracing", "customParameters"}
    ),
    "Webhook": frozenset({"url", "events", "signingToken"}),
    "Simulation": frozenset(
        {"systemPrompt", "direction", "mode", "toNumber", "sipHeaders", "inputData", "numberOfSimulations", "provider"}
        | {"model", "voice", "language", "phases", "loopPhases", "humanPickupAfterSecs", "varietySeed", "realism"}
    ),
    "Evaluator": frozenset(
        {"title", "evalType", "targetFormat", "systemPrompt", "responseSchema", "successCriteria", "apiProvider"}
        | {"model", "precondition", "assertion"}
    ),
}
_REQUIRED = {"Simulation": ("systemPrompt",), "Webhook": ("url",)}
_CHOICES = {
    ("Deployment", "mode"): ("coderunner", "relay"),
    ("Simulation", "direction"): ("inbound", "outbound"),
    ("Simulation", "mode"): ("direct", "telephony", "pstn"),
    ("Simulation", "provider"): ("gemini_live", "openai_realtime"),
    ("Evaluator", "evalType"): ("judge", "extraction", "deterministic"),
    ("Evaluator", "targetFormat"): ("events", "transcript"),
}

#: Sections that a Deployment and the values share, and the names that are known in them.
SECTION_KEYS: Mapping[str, frozenset[str]] = {
    "stt": frozenset(
        {"model", "language", "prompt", "endpointing", "failover", "fallbackModel", "noiseReduction"}
        | {"noiseReductionType", "eotThreshold", "eotTimeoutMs", "eagerEotThreshold", "vadMode", "vadEagerness"}
    ),
    "tts": frozenset({"provider", "model", "voice", "language", "speed", "failover"}),
    "turnTaking": frozenset(
        {"mode", "externalEndpointing", "smartTurnVadStopSecs", "smartTurnStopSecs", "smartTurnTimeout"}
    ),
}
#: Names of the sections' settings where the session's name is not the section's with an underscore.
_NAMES = {
    ("stt", "fallbackModel"): "stt_fallback_model",
    ("stt", "noiseReduction"): "stt_noise_reduction_type",
    ("stt", "eotThreshold"): "eot_threshold",
    ("stt", "eotTimeoutMs"): "eot_timeout_ms",
    ("stt", "eagerEotThreshold"): "eager_eot_threshold",
    ("stt", "vadMode"): "vad_mode",
    ("stt", "vadEagerness"): "vad_eagerness",
    ("turnTaking", "mode"): "turn_taking_mode",
}
VALUE_KEYS = SPEC_KEYS["Deployment"] | {"webhook", "simulation", "evaluator", "name", "description"}


BAD_VALUE = "bad-value"
"""The code of a finding because of which no session begins."""


def setting_name(section: str, key: str) -> str:
    """The setting of a session that a key of a section means."""
    name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", key).lower()
    return _NAMES.get((section, key)) or (name if section == "turnTaking" else f"{section}_{name}")


def check_document(document: YamlDocument, file: str) -> Iterator[Finding]:
    """What the platform would say of a rendered document."""

    def finding(code: str, message: str, *place: str | int, level: Level = "release") -> Finding:
        return Finding(file, document.line(*place), level, message, code)

    body = document.value
    if not isinstance(body, dict):
        yield finding("no-kind", "A document of the templates is a table with apiVersion, kind, metadata and spec.")
        return
    kind = body.get("kind")
    if not isinstance(kind, str) or kind not in SPEC_KEYS:
        known = ", ".join(SPEC_KEYS)
        yield finding("unknown-kind", f"VoiceRun knows no kind {kind!r}: it knows {known}.", "kind")
        return
    if body.get("apiVersion") is None:
        yield finding("api-version", f"There is no apiVersion. Add the line 'apiVersion: {API_VERSION}'.", "apiVersion")
    elif body["apiVersion"] != API_VERSION:
        yield finding("api-version", f"The apiVersion is {API_VERSION}, not {body['apiVersion']!r}.", "apiVersion")
    spec = body.get("spec")
    if not isinstance(spec, dict):
        yield finding("no-spec", f"A {kind} needs a spec.", "spec")
        return
    for key in spec:
        if key not in SPEC_KEYS[kind]:
            message = f"The spec of a {kind} has no '{key}'.{_nearest(key, SPEC_KEYS[kind])}"
            yield finding("unknown-spec-key", message, "spec", key)
    for key in _REQUIRED.get(kind, ()):
        if spec.get(key) in (None, ""):
            yield finding("missing-spec-key", f"The spec of a {kind} needs '{key}'.", "spec")
    for (of, key), choices in _CHOICES.items():
        if of == kind and key in spec and spec[key] not in choices:
            message = f"'{key}' of a {kind} is {' or '.join(choices)}, not {spec[key]!r}."
            yield finding("bad-spec-value", message, "spec", key)
    if kind == "Webhook" and isinstance(spec.get("url"), str) and not spec["url"].startswith("https://"):
        yield finding("bad-spec-value", "The url of a Webhook begins with https://.", "spec", "url")
    if kind == "Deployment":
        yield from check_sections(document, file, "spec")


def check_sections(document: YamlDocument, file: str, *above: str) -> Iterator[Finding]:
    """What is unknown or of the wrong shape in the sections of a Deployment, or of values."""
    table = document.value
    for key in above:
        table = table.get(key) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        return
    for section, known in SECTION_KEYS.items():
        if section not in table or table[section] is None:
            continue
        if not isinstance(table[section], dict):
            message = f"'{section}' is a table of settings, not {table[section]!r}."
            yield Finding(file, document.line(*above, section), "release", message, "bad-section")
            continue
        for key in table[section]:
            if key not in known:
                near = _nearest(key, known)
                message = f"The studio knows no '{key}' in '{section}': it has no effect here.{near}"
                line = document.line(*above, section, key)
                yield Finding(file, line, "warning" if near else "info", message, "unknown-setting")
            elif table[section][key] is not None and (wrong := _refused(section, key, table[section][key])):
                yield Finding(file, document.line(*above, section, key), "error", wrong, BAD_VALUE)
            elif key == "failover":
                for unknown in unknown_in_failover(setting_name(section, key), table[section][key]):
                    yield Finding(file, document.line(*above, section, key), "warning", unknown, "bad-failover")
    variables = table.get("variables")
    if variables is not None and not isinstance(variables, dict):
        message = "'variables' is a table of names and values."
        yield Finding(file, document.line(*above, "variables"), "release", message, "bad-section")


def check_values(document: YamlDocument, file: str, used: set[str]) -> Iterator[Finding]:
    """What is odd in a file of values. `used` are names that templates mention."""
    if not isinstance(document.value, dict):
        yield Finding(
            file, document.line(), "release", "A file of values is a table of names and values.", "bad-values"
        )
        return
    for key in document.value:
        if key not in VALUE_KEYS and key not in used:
            near = _nearest(key, VALUE_KEYS)
            message = f"Nothing uses the value '{key}'.{near}"
            yield Finding(file, document.line(key), "warning" if near else "info", message, "unused-value")
    yield from check_sections(document, file)


def _refused(section: str, key: str, value: object) -> str:
    """Why a session cannot take a value, in a sentence; "" where it can, and where it looks at no such setting."""
    name = setting_name(section, key)
    if name == "external_endpointing":
        name = "stt_endpointing"  # which it is where the section stt has none
    if name in SessionSettings.names():
        try:
            SessionSettings().changed(name, value)
        except ValueError as error:
            return str(error)
    return ""


def _nearest(key: str, known: frozenset[str]) -> str:
    near = difflib.get_close_matches(key, sorted(known), 1)
    return f" Do you mean '{near[0]}'?" if near else ""
