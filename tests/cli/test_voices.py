"""`studio voices`: the voices of the reference, and who speaks for those that cannot."""

import json
import subprocess
import sys

import pytest

from studio.cli.voices import voices

_NOT_NEEDED = (
    "openai",
    "deepgram",
    "cartesia",
    "google.cloud",
    "azure",
    "grpc",
    "PySide6",
    "httpx",
    "websockets",
    "numpy",
)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """(rows, modules that were imported)."""
    code = (
        "import json, sys; from studio.cli.voices import voices; voices(as_json=True); "
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)"
    )
    environ = {"STUDIO_HOME": str(tmp_path_factory.mktemp("home")), "PATH": "", "OPENAI_API_KEY": "sk-none"}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environ)
    return json.loads(ran.stdout), json.loads(ran.stderr.splitlines()[-1])


def test_the_87_voices_of_the_reference_come_first_each_with_its_id_or_why_it_has_none(told):
    reference = told[0][:87]
    assert {row["provider"] for row in reference} == {"openai", "google", "azure", "cartesia", "voicerun"}
    assert {row["provider"] for row in told[0][87:]} == {"local"}
    assert all(bool(row["id"]) != bool(row["no_id"]) for row in told[0])
    assert sorted(row["name"] for row in reference if row["no_id"]) == sorted(
        ["hanhan", "zhiyuan", "welcome_lady", "breath", "flint", "juniper", "atlas", "solstice", "lyric"]
    )


def test_whoever_cannot_speak_has_a_reason_and_somebody_who_does(told):
    for row in told[0]:
        assert row["available"] == (not row["reason"]) == (not row["stand_in"])
    local = {f"local:{row['name']}" for row in told[0] if row["provider"] == "local"}
    assert {row["stand_in"] for row in told[0] if row["stand_in"]} <= local
    by_name = {row["name"]: row for row in told[0]}
    assert by_name["coral"]["available"]
    assert by_name["brooke"]["reason"] == "there is no key for Cartesia"
    assert (by_name["nova"]["ends"], by_name["nova"]["successor"]) == ("2027-01-06", "marin")


@pytest.mark.parametrize("name", _NOT_NEEDED)
def test_no_sdk_is_imported_for_it_and_no_qt(told, name):
    assert not [module for module in told[1] if module == name or module.startswith(f"{name}.")]


def test_what_of_the_users_own_cannot_be_used_is_said_beside_the_list(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("STUDIO_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "voices.toml").write_text("[[voices]\n")
    (tmp_path / "config" / "settings.toml").write_text("[providers.openai]\nurl = 3\n")
    assert voices(as_json=True) == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)) > 87
    first, second = err.splitlines()
    assert first.startswith("studio voices: ")
    assert "your own voices are left out" in first
    assert second.startswith("studio voices: The url in [providers.openai] of your settings cannot be used.")
