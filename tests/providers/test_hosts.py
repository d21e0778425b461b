"""Which hosts a plugin may ask, with the settings that the user has made, and where a key may go."""

import pytest

from studio.providers.hosts import needs_certificates, on_this_machine, why_no_key
from studio.providers.manifests import load_providers


@pytest.mark.parametrize(
    ("provider", "settings", "hosts"),
    [
        ("azure", {}, ("eastus.tts.speech.microsoft.com",)),
        ("azure", {"region": "westeurope"}, ("westeurope.tts.speech.microsoft.com",)),
        ("azure", {"url": "wss://mine.example/tts"}, ("mine.example",)),
        ("google", {}, ("texttospeech.googleapis.com",)),
        ("google", {"url": "eu-texttospeech.googleapis.com:443"}, ("eu-texttospeech.googleapis.com",)),
        ("local", {}, ()),
    ],
)
def test_the_hosts_of_a_provider_follow_its_settings(provider, settings, hosts):
    assert load_providers()[provider].hosts_for(settings) == hosts


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8000/a", True),
        ("https://127.0.0.1/a", True),
        ("ws://127.8.0.1/a", True),
        ("http://[::1]:80/", True),
        ("http://user@example.com/", False),
        ("http://127.0.0.1.example.com/", False),
        ("http://localhost.example.com/", False),
        ("http://example.localhost/", False),
        ("http://[::1", False),
        ("nothing", False),
    ],
)
def test_who_this_machine_is(url, here):
    assert on_this_machine(url) is here


@pytest.mark.parametrize(
    ("url", "needed"),
    [
        ("http://127.0.0.1:8080/v1", False),
        ("http://localhost", False),
        ("http://[::1]:9", False),
        ("https://localhost", True),
        ("https://api.openai.com/v1", True),
        ("http://api.openai.com/v1", True),
        ("http://localhost.example.com", True),
        ("", True),
    ],
)
def test_only_what_stays_unencrypted_on_this_machine_needs_no_certificates(url, needed):
    assert needs_certificates(url) is needed


@pytest.mark.parametrize(
    ("url", "begins"),
    [
        ("http://example.com/v1", "https://"),
        ("HTTP://192.0.2.2:18999", "https://"),
        ("ws://10.0.0.1/x", "wss://"),
        ("http://localhost.example.com", "https://"),
    ],
)
def test_no_key_goes_unencrypted_to_another_machine(url, begins):
    assert not on_this_machine(url)
    assert why_no_key(url).endswith(f"Begin the address with {begins}.")


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "wss://example.com",
        "eu-texttospeech.googleapis.com",
        "http://127.0.0.9:1",
        "ws://[::1]/x",
        "",
    ],
)
def test_a_key_may_go_where_nobody_reads_it(url):
    assert why_no_key(url) == ""
