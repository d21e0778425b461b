"""Who really speaks a line, with what, and what the cache has to do with it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest

from studio.providers.accounts import Accounts
from studio.providers.cache import SpeechCache
from studio.providers.catalogue import Catalogue
from studio.providers.credentials import Credentials
from studio.providers.desk import Line, SpeechDesk
from studio.providers.errors import ProviderError
from studio.providers.speakers import Note
from studio.providers.speech import SpeechChunk, SpeechRequest

VOICE = "English (local)"
BROOKE = Catalogue().cast("brooke").asked.id


@dataclass
class FakeEngine:
    """Speaks every line as the same four chunks."""

    requests: list[SpeechRequest] = field(default_factory=list)
    chunks: list[bytes] = field(default_factory=lambda: [b"\1\2" * 2400] * 4)
    fails: Exception | None = None

    async def speak(self, request: SpeechRequest) -> AsyncIterator[SpeechChunk]:
        self.requests.append(request)
        for pcm in self.chunks:
            yield SpeechChunk(pcm, 24_000)
        if self.fails:
            raise self.fails

    async def close(self) -> None:
        pass


@pytest.fixture
def engine(monkeypatch):
    engine = FakeEngine()
    monkeypatch.setattr("studio.providers.engines.load_adapter", lambda provider, adapter: lambda account: engine)
    return engine


@pytest.fixture
def desk(engine, tmp_path):
    return SpeechDesk(SpeechCache(tmp_path / "cache"))


async def spoken(desk, text="hello", voice=VOICE, **fields):
    """(what the cache did, samples, codes of the notes)."""
    notes: list[Note] = []
    spoken, chunks = await desk.speak(Line(text, voice, **fields), notes.append)
    pcm = b"".join([chunk.pcm async for chunk in chunks])
    return spoken.cache, len(pcm) // 2, [note.code for note in notes]


async def test_a_line_is_spoken_once_and_then_comes_from_the_cache(desk, engine):
    assert await spoken(desk) == ("written", 9600, [])
    assert await spoken(desk) == ("hit", 9600, [])
    assert len(engine.requests) == 1


async def test_a_line_that_wants_no_cache_neither_reads_nor_writes_it(desk, engine):
    assert await spoken(desk, cache=False) == ("off", 9600, [])
    assert await spoken(desk) == ("written", 9600, [])
    assert await spoken(desk, cache=False) == ("off", 9600, [])
    assert len(engine.requests) == 3


async def test_two_voices_that_are_spoken_by_the_same_one_share_their_clips(desk, engine):
    assert (await spoken(desk, voice="nova"))[0] == "written"
    assert (await spoken(desk, voice="shimmer"))[0] == "hit"


@pytest.mark.parametrize(
    ("voice", "named"),
    [
        ({"provider": "cartesia", "identifier": BROOKE}, "brooke"),
        ("brooke", ""),
        ({"provider": "cartesia", "identifier": "nobody"}, ""),
    ],
)
async def test_a_voice_that_is_asked_for_by_its_id_is_known_by_its_name(desk, voice, named):
    who, _ = await desk.speak(Line("hello", voice), lambda note: None)
    assert who.named == named


async def test_instructions_that_nobody_follows_are_said_so_and_make_no_other_clip(desk, engine):
    await spoken(desk)
    assert await spoken(desk, instructions="whisper") == ("hit", 9600, ["instructions_ignored"])
    assert engine.requests[0].instructions == ""


async def test_a_line_that_nobody_heard_to_its_end_is_not_kept(desk, engine):
    _, chunks = await desk.speak(Line("hello", VOICE), lambda note: None)
    await anext(chunks)
    await chunks.aclose()
    assert (await spoken(desk))[0] == "written"


async def test_what_is_damaged_on_disk_is_spoken_again(desk, engine, tmp_path):
    await spoken(desk)
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:-2])
    assert (await spoken(desk))[0] == "written"
    assert (await spoken(desk))[0] == "hit"


@pytest.mark.parametrize(
    ("chunks", "fails", "failure"),
    [
        ([b"\1\2", b"\1\2\3"], None, "garbage"),
        ([b"\1\2"], KeyError("audio"), "garbage"),
        ([b"\1\2"], ProviderError("local", "dropped", "The line was dropped."), "dropped"),
    ],
)
async def test_what_goes_wrong_in_a_provider_is_one_kind_of_error_and_is_not_kept(desk, engine, chunks, fails, failure):
    engine.chunks, engine.fails = chunks, fails
    with pytest.raises(ProviderError) as caught:
        await spoken(desk)
    assert caught.value.failure == failure
    engine.chunks, engine.fails = [b"\1\2"], None
    assert (await spoken(desk))[0] == "written"


async def test_a_plugin_that_cannot_be_loaded_is_a_sentence(monkeypatch):
    def broken(provider, adapter):
        raise ImportError("no module of that name")

    monkeypatch.setattr("studio.providers.engines.load_adapter", broken)
    with pytest.raises(ProviderError, match="The plugin for Local cannot be loaded"):
        await spoken(SpeechDesk(None))


async def test_a_line_that_is_too_long_to_be_kept_is_spoken_whole_each_time(desk, engine):
    engine.chunks = [b"\1\2" * 24_000 * 60] * 11
    assert await spoken(desk) == ("miss", 24_000 * 660, [])
    assert await spoken(desk) == ("miss", 24_000 * 660, [])


@dataclass
class WarmEngine(FakeEngine):
    """Counts how often it is warmed."""

    warmed: int = 0

    async def warm_up(self) -> None:
        self.warmed += 1
        if self.fails:
            raise self.fails


@pytest.fixture
def warm(monkeypatch):
    """Engines by the provider that they were made for."""
    made: dict[str, WarmEngine] = {}

    def load(provider, adapter):
        return lambda account: made.setdefault(provider.name, WarmEngine())

    monkeypatch.setattr("studio.providers.engines.load_adapter", load)
    return made


@pytest.mark.parametrize(
    ("voice", "provider"),
    [(None, "local"), (VOICE, "local"), ("brooke", "cartesia"), ("nova", "local"), ("no such voice", "cartesia")],
    ids=["nobody", "local", "with a key", "without a key", "unknown"],
)
async def test_whoever_is_to_speak_first_for_a_voice_is_warmed(tmp_path, warm, voice, provider):
    desk = SpeechDesk(None, Catalogue(accounts=Accounts(Credentials({"CARTESIA_API_KEY": "key"}))))
    await desk.warm_up(voice, default="brooke")
    assert {name: engine.warmed for name, engine in warm.items()} == {provider: 1}


async def test_what_fails_while_it_is_warmed_is_left_to_the_first_line(warm):
    desk = SpeechDesk(None, Catalogue(accounts=Accounts(Credentials({"CARTESIA_API_KEY": "key"}))))
    warm["cartesia"] = WarmEngine(fails=ProviderError("cartesia", "unreachable", "No network."))
    await desk.warm_up("brooke")
    assert warm["cartesia"].warmed == 1
    assert desk.health() == {}, "nothing is held against it"
