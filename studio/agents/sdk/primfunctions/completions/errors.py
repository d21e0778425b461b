"""What can go wrong with a completion."""


class CompletionsError(Exception):
    """A completion could not be had."""


class CompletionsNotConfiguredError(CompletionsError):
    """There is no completions service in this session."""


class ProviderNotConfiguredError(CompletionsError):
    """A request names a provider that `configure_provider` was not called for."""
