"""Loads a plugin's adapter on first use: by path, as `studio_plugins.NAME`, or of the package that was installed."""

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

from studio.providers.manifests import Provider

_ROOT = "studio_plugins"


def load_adapter(provider: Provider, adapter: str) -> Any:
    """The class named by an entry point such as `speech:EspeakSpeech`. Raises what the module raises."""
    module, _, name = adapter.partition(":")
    return getattr(_module(provider, module), name)


def _module(provider: Provider, name: str) -> ModuleType:
    if provider.package:
        return importlib.import_module(f"{provider.package}.{name}")
    full = f"{_ROOT}.{provider.name}.{name}"
    if full in sys.modules:
        return sys.modules[full]
    for package, folder in ((_ROOT, provider.folder.parent), (f"{_ROOT}.{provider.name}", provider.folder)):
        if package not in sys.modules:
            parent = ModuleType(package)
            parent.__path__ = [str(folder)]
            sys.modules[package] = parent
    spec = importlib.util.spec_from_file_location(full, provider.folder / f"{name}.py")
    if spec is None or spec.loader is None:
        raise ImportError(f"The plugin {provider.name} has no module {name}.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[full] = module
    spec.loader.exec_module(module)
    return module
