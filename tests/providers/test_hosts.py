"""Which hosts a plugin may ask, with the settings that the user has made."""

import pytest

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
