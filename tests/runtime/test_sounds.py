"""AudioEvent: formats, where a sound may lie, limits, and what becomes of one that cannot be had (behaviours 57, 58)."""

import io
import time
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import soundfile

from studio.agents.session_settings import SessionSettings
from studio.audio.telephone import TelephoneLine
from studio.runtime import sounds
from studio.runtime.plan import Step
from studio.runtime.session import Session
from studio.sessions.records import AGENT_RATE, AUDIO_AGENT, NS
from tests.loopback_server import Answer, LoopbackServer
from tests.runtime.fakes import Conversation, converse, tts

TONE = 0.25 * np.sin(2 * np.pi * 440 * np.arange(48000) / 48000)
"""A second at 48 kHz."""
FORMATS = {
    "WAV": {"format": "WAV", "subtype": "PCM_16"},
    "WAV, 24 bit": {"format": "WAV", "subtype": "PCM_24"},
    "WAV, float": {"format": "WAV", "subtype": "FLOAT"},
    "WAV, mu-law": {"format": "WAV", "subtype": "ULAW"},
    "FLAC": {"format": "FLAC"},
    "MP3": {"format": "MP3"},
    "Ogg Vorbis": {"format": "OGG", "subtype": "VORBIS"},
    "Ogg Opus": {"format": "OGG", "subtype": "OPUS"},
}


def encoded(sound: np.ndarray = TONE, rate: int = 48000, **kind: str) -> bytes:
    stream = io.BytesIO()
    soundfile.write(stream, sound, rate, **(kind or FORMATS["WAV"]))
    return stream.getvalue()


def audio(path: Any, **data: Any) -> dict[str, Any]:
    return {"name": "audio", "data": {"path": path, **data}}


@pytest.fixture
def server():
    with LoopbackServer() as server:
        server.open()
        yield server


@pytest.fixture
def play(tmp_path):
    """`play(*outputs)` runs an agent whose project is `tmp_path` and that yields them at its start."""

    def run(*outputs: dict[str, Any], steps: list[Step] | None = None, **options: Any) -> Conversation:
        async def handler(event: Mapping[str, Any]):
            if event["name"] == "start":
                for output in outputs:
                    yield output

        return converse(handler, steps or [], project=tmp_path, limit_s=900, keep_audio=True, **options)

    return run


def line(talk: Conversation) -> np.ndarray:
    return talk.line(AUDIO_AGENT, AGENT_RATE).astype(float)


def refusal(talk: Conversation) -> str:
    """The one error row; the queue went on."""
    (row,) = [row for row in talk.of("no_sound") if row.level == "error"]
    assert talk.of("play_dropped")[0].data["item"] == "audio"
    assert [r.data["item"] for r in talk.of("play_ended")] == ["speech"]
    return row.message


@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_plays_as_long_and_as_loud_as_it_is(play, tmp_path, kind):
    (tmp_path / "sound").write_bytes(encoded(**FORMATS[kind]))
    talk = play(audio("sound"))
    heard = line(talk)
    loud = np.sqrt(np.square(heard[4800:19200]).mean())
    assert loud == pytest.approx(0.25 * 32768 / np.sqrt(2), rel=0.03)
    assert talk.of("play_ended")[0].data["sample"] == pytest.approx(AGENT_RATE, abs=AGENT_RATE * 0.06)  # MP3 pads
    spectrum = np.abs(np.fft.rfft(heard[2400:21600]))
    assert np.argmax(spectrum) * AGENT_RATE / 19200 == pytest.approx(440, abs=2)


@pytest.mark.parametrize("rate", [8000, 11025, 22050, 24000, 44100, 48000])
def test_every_rate_lasts_as_long(play, tmp_path, rate):
    (tmp_path / "a.wav").write_bytes(encoded(np.full(rate, 0.25), rate))
    assert play(audio("a.wav")).of("play_ended")[0].data["sample"] == pytest.approx(AGENT_RATE, abs=1)


def test_stereo_is_mixed_down(play, tmp_path):
    (tmp_path / "a.wav").write_bytes(encoded(np.stack([np.full(24000, 0.5), np.zeros(24000)], axis=1), 24000))
    assert line(play(audio("a.wav")))[12000] == pytest.approx(0.25 * 32768, abs=2)


def test_on_the_phone_a_sound_has_the_telephones_band(play, tmp_path):
    high = 0.5 * np.sin(2 * np.pi * 7000 * np.arange(24000) / 24000)
    (tmp_path / "a.wav").write_bytes(encoded(high, 24000))

    async def phone(session: Session) -> None:
        session.sound_files.shape_sound(lambda sound: TelephoneLine(AGENT_RATE).process(sound))

    assert np.abs(line(play(audio("a.wav"), act=phone))[2400:]).max() < 300


# ---- where it lies


def test_a_url_is_fetched_once_in_a_session_and_followed_where_it_redirects(play, server):
    server.answers["/a"] = Answer(status=302, headers={"Location": "/b"})
    server.answers["/b"] = Answer(encoded(), type="application/octet-stream")
    talk = play(audio(server.url + "/a"), audio(server.url + "/a"))
    assert [r.data["sample"] for r in talk.of("play_ended")] == [AGENT_RATE, 2 * AGENT_RATE]
    assert server.asked == ["GET /a", "GET /b"]


def test_a_file_url_and_an_absolute_path_are_files_of_the_project(play, tmp_path):
    (tmp_path / "a b.wav").write_bytes(encoded())
    talk = play(audio((tmp_path / "a b.wav").as_uri()), audio(str(tmp_path / "a b.wav")))
    assert len(talk.of("play_ended")) == 2


@pytest.mark.parametrize("path", ["../a.wav", "/etc/hostname", "file:///etc/hostname", "sub/../../a.wav"])
def test_a_path_outside_the_project_is_refused(play, tmp_path, path):
    (tmp_path.parent / "a.wav").write_bytes(encoded())
    assert "lies outside the project" in refusal(play(audio(path), tts("on")))


def test_a_link_out_of_the_project_is_refused(play, tmp_path):
    (tmp_path.parent / "a.wav").write_bytes(encoded())
    try:
        (tmp_path / "link.wav").symlink_to(tmp_path.parent / "a.wav")
    except OSError:
        pytest.skip("links cannot be made here")
    assert "lies outside the project" in refusal(play(audio("link.wav"), tts("on")))


# ---- what cannot be had


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("", "There is no sound to play"),
        (None, "There is no sound to play"),
        (7, "There is no sound to play"),
        ("absent.wav", "no sound file absent.wav in the project"),
        ("a\0b", "the path is not a valid one"),
        ("s3://bucket/a.wav", "no address that can be fetched"),
        ("http://[::1", "no address that can be fetched"),
    ],
)
def test_a_path_that_is_none_is_an_error_row_and_the_queue_goes_on(play, path, words):
    assert words in refusal(play(audio(path), tts("on")))


def test_nobody_there(play):
    with LoopbackServer() as down:
        assert f"nothing answers at {down.url[7:]}" in refusal(play(audio(down.url + "/a"), tts("on")))


def test_no_such_page(play, server):
    assert "answers with 404" in refusal(play(audio(server.url + "/a"), tts("on")))


def test_a_page_in_place_of_a_sound_is_told_by_its_type(play, server):
    server.answers["/a"] = Answer(b"<html>Sorry</html>", type="text/html; charset=utf-8")
    sentence = refusal(play(audio(server.url + "/a"), tts("on")))
    assert "of no kind that can be read here" in sentence
    assert "The server calls it text/html." in sentence


def test_redirects_in_a_circle_end(play, server):
    server.answers["/a"] = Answer(status=302, headers={"Location": "/a"})
    assert "redirects in a circle" in refusal(play(audio(server.url + "/a"), tts("on")))


@pytest.mark.parametrize("target", ["file:///etc/hostname", "ftp://127.0.0.1/a", "https://example.com/a"])
def test_a_redirect_out_of_what_is_allowed_is_not_followed(play, server, target):
    server.answers["/a"] = Answer(status=302, headers={"Location": target})
    assert "redirects to" in refusal(play(audio(server.url + "/a"), tts("on")))


@pytest.mark.parametrize("length", ["", str(25 * 2**20)])
def test_a_sound_that_is_too_large_is_not_fetched_to_its_end(play, server, length, monkeypatch):
    monkeypatch.setattr(sounds, "MOST_BYTES", 2**20)
    body = b"x" * (3 * 2**20 // 2)
    server.answers["/a"] = Answer(write=lambda out: out.write(body), headers={"Content-Length": length})
    assert "it is larger than 1 MB" in refusal(play(audio(server.url + "/a"), tts("on")))


def test_a_file_that_is_too_large_is_not_read(play, tmp_path):
    with (tmp_path / "a.wav").open("wb") as file:
        file.truncate(21 * 2**20)
    assert "larger than 20 MB" in refusal(play(audio("a.wav"), tts("on")))


def test_a_sound_that_is_too_long_is_refused(play, tmp_path):
    (tmp_path / "a.flac").write_bytes(encoded(np.zeros(8000 * 601), 8000, **FORMATS["FLAC"]))
    assert "longer than 10 minutes" in refusal(play(audio("a.flac"), tts("on")))


def test_a_server_that_drips_is_left(play, server, monkeypatch):
    monkeypatch.setattr(sounds, "WITHIN_S", 0.2)

    def drip(out: Any) -> None:
        for _ in range(100):
            out.write(b"x")
            out.flush()
            time.sleep(0.01)

    server.answers["/a"] = Answer(write=drip, headers={"Content-Length": "100"})
    assert "no whole answer within 0.2 s" in refusal(play(audio(server.url + "/a"), tts("on")))


def test_a_server_that_breaks_off_is_told(play, server):
    server.answers["/a"] = Answer(b"RIFF", headers={"Content-Length": "100"})
    sentence = refusal(play(audio(server.url + "/a"), tts("on")))
    assert "broke off the answer" in sentence or "of no kind" in sentence


# ---- virtual time


def test_the_network_is_refused_in_virtual_time(play):
    sentence = refusal(play(audio("https://example.com/a.wav"), tts("on")))
    assert "in virtual time the network (example.com) is reached with --allow-network only" in sentence


def test_a_fetch_takes_the_time_that_is_set(play, tmp_path):
    (tmp_path / "a.wav").write_bytes(encoded())
    talk = play(audio("a.wav"), settings=SessionSettings(fetch_virtual_ms=300))
    assert talk.of("play_started")[0].publish_time == pytest.approx(0.3 * NS, abs=NS / AGENT_RATE)


def test_a_session_forgets_the_oldest_sounds(monkeypatch, play, server):
    monkeypatch.setattr(sounds, "_KEPT_SAMPLES", 3 * AGENT_RATE // 2)
    for name in "ab":
        server.answers[f"/{name}"] = Answer(encoded())

    async def handler(event: Mapping[str, Any]):
        for name in {"start": "ab", "text": "ba"}.get(event["name"], ""):
            yield audio(f"{server.url}/{name}")

    converse(handler, [Step(say="again")])
    assert server.asked == ["GET /a", "GET /b", "GET /a"]
