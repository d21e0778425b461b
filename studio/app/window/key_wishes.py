"""From a warning that misses a key to the place where it is entered."""

from collections.abc import Callable
from typing import Any

from studio.app.call.model import CallModel
from studio.app.call_settings.model import CallSettings
from studio.app.commands import Commands
from studio.app.providers.entries import Entry
from studio.app.providers.model import ProvidersModel
from studio.app.providers.panel import ProvidersPanel
from studio.app.status.model import StatusModel
from studio.app.window.main_window import MainWindow
from studio.app.window.session_views import SessionViews
from studio.sessions.failures import wants_key
from studio.sessions.records import Record
from studio.sessions.spoken_by import SpokenBy


def ask_for_keys(
    window: MainWindow,
    panel: ProvidersPanel,
    providers: ProvidersModel,
    views: SessionViews,
    call: CallModel,
    settings: CallSettings,
    status: StatusModel,
    commands: Commands,
) -> Callable[[str], None]:
    """Lead every wish for a key to the providers page; returns what opens it at a provider with the key about to be entered."""

    def ask(provider: str) -> None:
        if window.page != "providers":
            window.show_page("providers")
        panel.ask_key(provider)

    said: dict[str, tuple[str, bool]] = {}
    """Of each provider the notice about its key, and whether that was refused."""
    on, chosen = call.running, _chosen(settings)

    def tell(record: Record) -> None:
        if wish := wants_key(record):
            provider = wish.provider
            voice, stand_in = (str(record.data.get(name, "")).partition(":")[2] for name in ("voice", "stand_in"))
            entry = providers.entry(provider)
            title = entry.title if entry else provider
            if wish.refused:
                sentence = f"{title} does not accept the key"
            else:
                sentence = f"There is no {title} key"
                if voice and stand_in:
                    sentence = f"{SpokenBy((stand_in,), voice).words}, no {title} key"
            sentence = f"{sentence} · {wish.action}"
            said[provider] = sentence, wish.refused
            status.notice(sentence, run=lambda: ask(provider))

    def forget(entered: str = "") -> None:
        """Take back what was said of keys that are there now; of a refused one, once another was entered."""
        for provider, (sentence, refused) in list(said.items()):
            entry = providers.entry(provider)
            if entry and (entry.key == entered if refused else providers.accounts.has_key(entry.key)):
                status.withdraw(sentence)
                del said[provider]

    def forget_past() -> None:
        """Another call, or another choice of who speaks and hears, says itself what it misses."""
        nonlocal on, chosen
        was, before = on, chosen
        on, chosen = call.running, _chosen(settings)
        if (on and not was) or chosen != before:
            for sentence, _ in said.values():
                status.withdraw(sentence)
            said.clear()

    views.key_wanted.connect(ask)
    call.recorded.connect(tell)
    settings.changed.connect(forget_past)  # calls too are among its changes
    providers.accounts_changed.connect(forget)
    providers.key_entered.connect(forget)
    for entry in providers.entries:
        if entry.key:
            _add(commands, entry, providers, ask, window, panel)
    return ask


def _chosen(settings: CallSettings) -> list[Any]:
    """Who is to speak and to hear, and who after them."""
    return [settings.value(name) for name in ("stt_model", "default_voice", "stt_failover", "tts_failover")]


def _add(
    commands: Commands,
    entry: Entry,
    providers: ProvidersModel,
    ask: Callable[[str], None],
    window: MainWindow,
    panel: ProvidersPanel,
) -> None:
    """What can be done about one provider, by name."""
    of = f"{entry.title}, language models" if entry.group == "models" else entry.title

    def test() -> None:
        if window.page != "providers":
            window.show_page("providers")
        panel.choose(entry.name)
        providers.test(entry)

    add, group = commands.add, "Providers"
    add(f"providers.key.{entry.name}", f"Add key for {of}", lambda: ask(entry.name), group=group)
    add(f"providers.test.{entry.name}", f"Test {of}", test, enabled=lambda: providers.engine_there, group=group)
