"""What an adapter needs to reach its service, and why it cannot be reached."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.providers.credentials import Credentials
from studio.providers.errors import ProviderError
from studio.providers.failures import SENTENCES
from studio.providers.manifests import Provider


@dataclass(frozen=True, slots=True)
class Account:
    """How to reach a provider's service. Every adapter is made with one: `Adapter(account)`.

    `settings` has a value for every setting that the manifest names, the manifest's own where the user has set none.
    """

    provider: str
    title: str
    key: str = field(default="", repr=False)
    settings: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, setting: str) -> str:
        """The value of a setting of the manifest."""
        return self.settings[setting]


class Accounts:
    """The user's accounts. The settings of a provider are the table `[providers.NAME]` of the user's own settings.

    A project cannot set them: it could send the user's keys to an address of its choice.
    """

    def __init__(
        self,
        credentials: Credentials | None = None,
        settings: Callable[[], Mapping[str, Mapping[str, Any]]] = dict,
        *,
        network: bool = True,
    ) -> None:
        """`settings` gives what the user has set, by provider. Without `network` no service is ever asked."""
        self.credentials = credentials or Credentials()
        self.network = network
        self._settings = settings
        self._seen: object = None
        self._changes = 0

    @property
    def version(self) -> int:
        """Rises when an account may be another one."""
        settings = self._settings()
        if settings != self._seen:
            self._seen = settings
            self._changes += 1
        return self.credentials.version + self._changes

    def has_key(self, name: str) -> bool:
        """Whether there is a key of that name."""
        return self.credentials.find(name) is not None

    def missing(self, provider: Provider) -> str:
        """Why the provider's service cannot be asked, as half a sentence; "" where it can."""
        if not provider.hosts:
            return ""
        if not self.network:
            return "no service is asked in virtual time"
        if provider.key and not self.has_key(provider.key):
            return f"there is no key for {provider.title}"
        return ""

    def account(self, provider: Provider) -> Account:
        """The account with a provider. Raises ProviderError `no_key`, or `unreachable` where no network is wanted."""
        if not self.network and provider.hosts:
            sentence = f"{provider.title} is not asked in virtual time. Allow it with --allow-network."
            raise ProviderError(provider.name, "unreachable", sentence)
        key = self.credentials.find(provider.key)
        if provider.key and key is None:
            raise ProviderError(provider.name, "no_key", SENTENCES["no_key"].format(title=provider.title))
        return Account(provider.name, provider.title, key.value if key else "", self.settings(provider))

    def settings(self, provider: Provider) -> dict[str, str]:
        """The values of all settings of its manifest."""
        own = self._settings().get(provider.name, {})
        return {setting.name: str(own.get(setting.name) or setting.default) for setting in provider.settings}


LOCAL = Account("local", "Local")
"""For engines that reach no service."""
