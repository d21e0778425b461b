"""A voice fails in the middle of a conversation, and no word of the agent is lost."""

import pytest

from studio.agents.session_settings import SessionSettings
from studio.providers.desk import SpeechDesk
from studio.runtime.plan import Step
from studio.sessions.records import AGENT_RATE, NS
from tests.providers.casts import FakeSpeech, catalogue, engines
from tests.runtime.fakes import converse, tts

FIRST, SECOND = "one two three four five six", "seven eight"
FAILURES = ["unreachable", "bad_key", "limit", "dropped", "stalled", "garbage", "unknown_voice", "refused"]


async def two_lines(event):
    if event["name"] == "start":
        yield tts(FIRST, voice="nova")
        yield tts(SECOND, voice="nova")


def talk_of(monkeypatch, settings=None, handler=two_lines, script=None, **fakes):
    made = engines(monkeypatch, **fakes)
    settings = settings or SessionSettings(tts_failover=("brooke",))
    desk = SpeechDesk(None, catalogue())
    return converse(handler, script or [], voices=desk, settings=settings, keep_audio=True), made


def heard(talk):
    return [record.data["heard"] for record in talk.of("play_ended")]


def ready(talk):
    return [record.data for record in talk.of("speech_ready")]


@pytest.mark.parametrize("failure", FAILURES)
def test_a_line_that_fails_before_its_first_sound_is_spoken_by_the_next_one(monkeypatch, failure):
    talk, made = talk_of(monkeypatch, openai=FakeSpeech("openai", failure))
    assert heard(talk) == [FIRST, SECOND]
    assert not talk.of("speech_failed")
    assert [request.text for request in made["cartesia"].asked] == [FIRST, SECOND]
    note = talk.of("failed_over")[0]
    (out, *_) = talk.of("TextToSpeechEvent")
    assert (note.cause, note.level) == (out.id, "warning")
    assert note.data == {
        "provider": "openai",
        "failure": failure,
        "from": "openai:nova",
        "to": "cartesia:brooke",
        "samples": 0,
        "text_start": 0,
        "action": "replace key" if failure == "bad_key" else "choose another voice",
    }
    assert note.message == "openai failed. brooke speaks the line in its place."
    assert [data["provider"] for data in ready(talk)] == ["cartesia", "cartesia"]
    assert ready(talk)[0]["parts"][0]["samples"] == 0


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("after", [1, 3, 5])
def test_a_line_that_fails_in_its_middle_goes_on_with_its_first_word_that_did_not_sound(monkeypatch, failure, after):
    talk, made = talk_of(monkeypatch, openai=FakeSpeech("openai", failure, after=after))
    words = FIRST.split()
    assert made["cartesia"].asked[0].text == " ".join(words[after:])
    assert heard(talk) == [FIRST, SECOND]
    first = ready(talk)[0]
    step = AGENT_RATE // 5
    assert [word[:3] for word in first["words"]] == [[w, n * step, (n + 1) * step] for n, w in enumerate(words)]
    assert [FIRST[word[3] : word[4]] for word in first["words"]] == words
    assert [(part["voice"], part["samples"]) for part in first["parts"]] == [
        ("nova", after * step),
        ("brooke", (6 - after) * step),
    ]
    note = talk.of("failed_over")[0]
    assert note.data["samples"] == after * step
    assert note.message == "openai failed. brooke speaks the rest of the line."
    started, ended = talk.of("play_started")[0], talk.of("play_ended")[0]
    assert ended.data["sample"] - started.data["sample"] == 6 * step, "one item, without a gap"


def test_what_the_next_one_does_not_say_the_local_one_does(monkeypatch):
    talk, made = talk_of(
        monkeypatch,
        openai=FakeSpeech("openai", "dropped", after=2),
        cartesia=FakeSpeech("cartesia", "garbage", after=1),
    )
    assert heard(talk) == [FIRST, SECOND]
    assert made["local"].asked[0].text == "four five six"
    assert [part["provider"] for part in ready(talk)[0]["parts"]] == ["openai", "cartesia", "local"]


def test_without_a_list_the_local_stand_in_takes_over(monkeypatch):
    talk, made = talk_of(monkeypatch, SessionSettings(), openai=FakeSpeech("openai", "dropped", after=2))
    assert heard(talk) == [FIRST, SECOND]
    assert made["local"].asked[0].text == "three four five six"


def test_where_nobody_is_left_the_line_fails_and_the_next_one_is_tried(monkeypatch):
    broken = {name: FakeSpeech(name, "dropped", after=1) for name in ("openai", "cartesia", "local")}
    talk, _ = talk_of(monkeypatch, **broken)
    (failed,) = talk.of("speech_failed")
    assert (failed.data["provider"], failed.message) == ("local", "local failed. The rest of the line is left out.")
    assert [record.data["heard"] for record in talk.of("play_cut")] == ["one two three"]
    assert heard(talk) == [SECOND]


def test_a_provider_that_breaks_off_after_its_last_word_has_said_everything(monkeypatch):
    talk, made = talk_of(monkeypatch, openai=FakeSpeech("openai", "dropped", after=6))
    assert heard(talk) == [FIRST, SECOND]
    assert not made["cartesia"].asked
    assert talk.of("failed_at_end")[0].message == "openai failed. All words of the line had sounded by then."


def test_without_word_times_no_word_is_lost_and_the_place_is_estimated_for_the_speed(monkeypatch):
    talk, made = talk_of(monkeypatch, openai=FakeSpeech("openai", "dropped", after=5, places=False))
    assert made["cartesia"].asked[0].text == "three four five six"  # a second of a slow speaker: ten characters
    assert heard(talk) == [FIRST, SECOND]
    assert [word[0] for word in ready(talk)[0]["words"]] == ["one two", "three", "four", "five", "six"]


def test_a_provider_that_keeps_failing_is_left_alone_with_one_notice(monkeypatch):
    async def handler(event):
        if event["name"] == "start":
            for text in ("one", "two", "three", "four"):
                yield tts(text, voice="nova")

    talk, made = talk_of(monkeypatch, handler=handler, openai=FakeSpeech("openai", "unreachable"))
    assert len(made["openai"].asked) == 2
    assert heard(talk) == ["one", "two", "three", "four"]
    (note,) = talk.of("left_alone")
    assert note.message == (
        "OpenAI is left alone for a while, because it has failed: somebody else speaks for nova. openai failed."
    )
    assert [data.get("instead_of", "") for data in ready(talk)] == ["openai:nova"] * 4


def test_a_limit_is_heeded_for_as_long_as_the_provider_asks(monkeypatch):
    async def handler(event):
        if event["name"] in ("start", "timeout"):
            yield tts("one", voice="nova")

    settings = SessionSettings(tts_failover=("brooke",), timeout=10.0)
    limited = FakeSpeech("openai", "limit", retry_after_s=25.0)
    made = engines(monkeypatch, openai=limited)
    talk = converse(handler, [Step(after=45.0, hang_up=True)], voices=SpeechDesk(None, catalogue()), settings=settings)
    assert talk.of("speech_ready")
    assert [round(at / NS) for at in (r.publish_time for r in talk.of("failed_over"))] == [0, 31]
    assert len(made["openai"].asked) == 2


def test_equal_conversations_with_a_failure_give_equal_records(monkeypatch):
    def one():
        talk, _ = talk_of(monkeypatch, openai=FakeSpeech("openai", "dropped", after=2))
        return [(r.event, r.publish_time, r.data, r.message) for r in talk.records]

    assert one() == one()


@pytest.mark.parametrize(("providers", "services"), [((), ["OpenAI"]), (("openai",), ["OpenAI", "Cartesia"])])
def test_a_virtual_session_that_asks_a_service_is_not_reproducible_and_says_so(monkeypatch, providers, services):
    talk, _ = talk_of(monkeypatch, **{name: FakeSpeech(name, "dropped", after=1) for name in providers})
    marked = talk.of("not_reproducible")
    assert [record.data["reasons"] for record in marked] == [[service] for service in services]
    assert marked[0].message == "This session is not reproducible: it uses OpenAI."
