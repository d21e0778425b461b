"""What can go wrong with a completion."""


class CompletionsNotConfiguredError(Exception):
    """There is no completions service in this session."""


class CompletionsProviderNotConfiguredError(Exception):
    """A request names a provider that `configure_provider` was not called for."""


class CompletionsProxyError(Exception):
    """The service could not answer: `error_type` names the failure, `status_code` is 0 in the middle of a stream."""

    def __init__(self, message: str, error_type: str = "ProxyError", status_code: int = 0) -> None:
        super().__init__(message)
        self.error_type = error_type
        self.status_code = status_code
