"""Lanes that are seldom needed, marks that say what came of an event, seams and the end."""

import numpy as np
import pytest

from studio.app.theme.current import ui_font
from studio.app.timeline.label_layout import LabelLayout
from studio.app.timeline.lane_heights import Placed
from studio.app.timeline.lane_labels import lane_labels
from studio.app.timeline.lanes import Lanes
from studio.app.timeline.scale import Scale
from studio.app.timeline.spans import OPEN, Style
from studio.app.timeline.timeline_model import TimelineModel
from studio.sessions.records import EFFECT, LLM, NOTICE, NS, PLAY, SESSION, SPEECH, TURN
from tests.app.synthetic import Script, conversation, row_of
from tests.app.synthetic_tour import tour
from tests.app.time_views import read_all
from tests.sessions.making import failed_task

Row = tuple[str, Style, float, float]


@pytest.fixture(scope="module")
def lanes() -> Lanes:
    return read_all(tour()).lanes or pytest.fail("no lanes")


def rows(lanes: Lanes, key: str) -> list[Row]:
    """Label, style, start and length in seconds of every row; what is still open has the length -1."""
    table = lanes.tables[key]
    found = table.all()
    columns = zip(*(c.tolist() for c in (found.handle, found.style, found.start, found.end)), strict=True)
    return [
        (table.label(h), Style(k), round(s / NS, 2), -1 if e == OPEN else round((e - s) / NS, 2))
        for h, k, s, e in columns
    ]


def labels(lanes: Lanes, key: str) -> list[str]:
    return [label for label, *_ in rows(lanes, key)]


def test_lanes_stay_away_from_sessions_that_need_none_of_them() -> None:
    shown = [lane.key for lane in read_all(conversation()).visible_lanes()]
    assert shown == ["caller", "voice", "words", "turn", "in", "handler", "out", "said", "speech", "agent", "notices"]


def test_a_lane_appears_with_the_first_thing_on_it() -> None:
    data = tour()
    data.grow_to(2 * NS)
    model = TimelineModel(data)
    assert "held" not in [lane.key for lane in model.visible_lanes()]
    data.grow_to(round(3.1 * NS))
    model.refresh(1.0)
    assert [lane.key for lane in model.visible_lanes()].index("held") == 4


def test_record_by_record_gives_the_same_as_all_at_once(lanes: Lanes) -> None:
    grown = tour()
    end = grown.end_ns
    piecewise = Lanes(grown)
    for time in np.linspace(0, end, 200).astype(int).tolist():
        grown.grow_to(time)
        piecewise.read()
    for key in lanes.tables:
        assert rows(piecewise, key) == rows(lanes, key)
    assert (piecewise.seams, piecewise.end) == (lanes.seams, lanes.end)


def test_held_speech_is_a_bar_until_it_is_delivered(lanes: Lanes) -> None:
    assert rows(lanes, "held")[0] == ("held, then given  “I want to cancel”", Style.SPAN, 3.0, 0.81)


def test_while_it_is_held_the_bar_is_open() -> None:
    data = tour()
    data.grow_to(round(3.5 * NS))
    assert rows(read_all(data).lanes, "held") == [("held  “I want to cancel”", Style.SPAN, 3.0, -1)]


def test_what_is_held_when_the_session_ends_was_never_given() -> None:
    script = Script(4)
    script.add(TURN, "speech_held", 1.0, data={"text": "wait", "origin": "speech"})
    script.add(SESSION, "session_ended", 2.0, data={"reason": "hang_up"})
    lanes = read_all(script.session()).lanes
    assert rows(lanes, "held") == [("never given  “wait”", Style.DROPPED, 1.0, 1.0)]


def test_what_is_held_and_then_not_given_was_never_given() -> None:
    script = Script(4)
    script.add(TURN, "speech_held", 1.0, data={"text": "wait", "origin": "typed"})
    script.add(TURN, "held_delivered", 2.0, data={"inputs": 0})
    script.add(SESSION, "session_ended", 3.0, data={"reason": "stop"})
    assert rows(read_all(script.session()).lanes, "held") == [("never given  “wait”", Style.DROPPED, 1.0, 1.0)]


def test_blocked_input_is_hatched_and_what_was_refused_or_dropped_is_marked(lanes: Lanes) -> None:
    assert rows(lanes, "held")[1:] == [
        ("input was blocked until the handler ended", Style.WAIT, 11.55, 1.35),
        ("refused  “hello?”", Style.WARNING, 12.1, 0),
        ("dropped  “wait”", Style.WARNING, 13.2, 0),
    ]


def test_a_request_to_a_model_waits_then_streams_and_its_tools_are_marks(lanes: Lanes) -> None:
    assert rows(lanes, "model") == [
        ("", Style.WAIT, 3.9, 0.42),
        ("gpt-4o-mini  first token 420 ms", Style.SPAN, 4.32, 0.5),
        ("find_slot()", Style.MARK, 4.83, 0),
        ("find_slot answered", Style.QUIET, 5.2, 0),
        ("gpt-4o  failed", Style.ERROR, 5.3, 0.6),
        ("", Style.WAIT, 6.0, 0.2),
        ("gpt-4o-mini  first token 200 ms", Style.SPAN, 6.2, 0.4),
    ]


def test_an_answer_that_comes_whole_is_one_wait_with_its_length() -> None:
    script = Script(4)
    script.add(LLM, "completion_requested", 1.0, id="llm-1", data={"model": "small", "streaming": False})
    script.add(LLM, "completion_retried", 1.2, id="llm-1", level="warning")
    script.add(LLM, "completion_ended", 1.8, id="llm-1", data={"elapsed_ms": 800})
    lanes = read_all(script.session()).lanes
    assert rows(lanes, "model") == [("small  800 ms", Style.WAIT, 1.0, 0.8), ("retried", Style.WARNING, 1.2, 0)]


def test_a_model_that_failed_makes_way_for_another_and_one_that_is_not_needed_is_dropped() -> None:
    script = Script(4)
    script.add(LLM, "completion_requested", 1.0, id="llm-1", data={"model": "small", "streaming": True})
    script.add(LLM, "completion_failed", 1.5, id="llm-1", data={"failure": "stalled"}, level="error")
    script.add(LLM, "completion_fell_back", 1.5, id="llm-1", data={"model": "large"}, level="warning")
    script.add(LLM, "completion_requested", 1.6, id="llm-2", data={"model": "large", "streaming": True})
    script.add(LLM, "completion_failed", 2.0, id="llm-2", data={"failure": "cancelled"})
    lanes = read_all(script.session()).lanes
    assert rows(lanes, "model") == [
        ("small  failed", Style.ERROR, 1.0, 0.5),
        ("fell back to large", Style.WARNING, 1.5, 0),
        ("large  cancelled", Style.DROPPED, 1.6, 0.4),
    ]


def test_a_background_task_that_fails_is_marked_with_its_name_and_its_label_is_not_lost_among_others() -> None:
    script = Script(2)
    script.rows.append(row_of(failed_task(1000)))
    script.emitted(1.0, "CustomEvent", "hello", {}, ("in-1", "run-1"), 9)
    model = read_all(script.session())
    assert ("rates  ValueError", Style.ERROR, 1.0, 0) in rows(model.lanes, "handler")
    scale = Scale.of(0, 2 * NS, 2000, 1.0)
    text = LabelLayout(ui_font(12))
    placed = next(Placed(lane, 0, 20, folded=False) for lane in model.visible_lanes() if lane.key == "out")
    (label,) = lane_labels(placed, model.lanes, scale, 2 * NS, text, text)
    assert label.text.startswith("Error +1  ")
    assert (label.token, label.row) == ("error", 0)


def test_the_recogniser_lane_says_which_model_hears_and_how_fast_it_took_over(lanes: Lanes) -> None:
    assert rows(lanes, "recogniser") == [
        ("nova-3", Style.QUIET, 0, 9.06),
        ("", Style.WAIT, 6.66, 0.82),
        ("whisper-1 ready  after 820 ms", Style.MARK, 7.48, 0),
        ("language es, end of turn 500 ms", Style.MARK, 7.66, 0),
        ("whisper-1", Style.QUIET, 9.06, -1),
        ("whisper-1  switched in 4 ms", Style.MARK, 9.06, 0),
    ]


def test_the_recogniser_lane_says_who_hears_in_the_place_of_a_model() -> None:
    script = Script(4)
    script.add(SESSION, "session_started", 0.0, data={"settings": {"stt_model": "nova-3"}})
    script.add(NOTICE, "recogniser_stand_in", 0.1, data={"model": "nova-3"}, level="warning", message="No key.")
    script.add(EFFECT, "recognition_changed", 1.0, data={"changed": {"language": "es"}})
    script.add(EFFECT, "recogniser_switched", 2.0, data={"to_model": "whisper-1", "switch_delay_ms": 3})
    script.add(NOTICE, "recogniser_stand_in", 2.1, data={"model": "whisper-1"}, level="warning", message="No key.")
    hears = [label for label, style, *_ in rows(read_all(script.session()).lanes, "recogniser") if style == Style.QUIET]
    assert hears == ["nova-3  by the local recogniser", "whisper-1  by the local recogniser"]


def test_recordings_and_background_say_how_long_and_how_loud(lanes: Lanes) -> None:
    recording = rows(lanes, "recording")
    assert recording[0][:2] == ("recorded 29.65 s", Style.RECORDING)
    assert recording[1][:2] == ("callback failed, attempt 1", Style.ERROR)
    assert labels(lanes, "background") == ["cafe.mp3  volume 30%  in a loop"]


def test_another_track_ends_the_one_before() -> None:
    script = Script(4)
    for at, name in ((1.0, "rain.mp3"), (2.0, "cafe.mp3")):
        script.add(EFFECT, "background_started", at, data={"url": name, "volume": 0.5})
    lanes = read_all(script.session()).lanes
    assert [length for *_, length in rows(lanes, "background")] == [1.0, -1]


def test_keys_stand_one_by_one_before_the_event_they_become(lanes: Lanes) -> None:
    names = labels(lanes, "in")
    first = names.index("1")
    assert names[first : first + 6] == ["1", "2", "3", "4", "#", "DTMFEvent  keys 1 2 3 4 #"]


@pytest.mark.parametrize(
    "said",
    [
        "Payment  asks for 12.50: shown only",
        "Update call  status vip: shown only",
        "Start session  with reminder: shown only",
        "Merge  with session session-42: shown only",
        "Speech-to-speech  connects model gpt-realtime: shown only",
        "Speech-to-speech  disconnects: shown only",
        "Supervisor  is answered “Offer ten percent”: shown only",
        "External  done to kitchen: not delivered",
        "Custom  cart_updated  items 2",
        "Debug  slot  free 3",
        "Metric  latency lookup  value_s 0.31",
        "Interrupt  2 lines silenced",
        "Input  blocked",
        "Recogniser  model whisper-1: switched in 4 ms",
        "Transfer  to +15550100 by bridge: transferred",
        "Background  cafe.mp3 at 30%",
    ],
)
def test_every_output_event_says_what_it_did(lanes: Lanes, said: str) -> None:
    assert said in labels(lanes, "out")


def test_a_refused_event_is_red_and_says_that_it_had_no_effect(lanes: Lanes) -> None:
    refused = next(row for row in rows(lanes, "out") if row[0].startswith("Transfer  to 555"))
    assert refused[:2] == ("Transfer  to 555 0100: no effect", Style.ERROR)


def test_a_seam_has_both_names_and_the_end_its_reason(lanes: Lanes) -> None:
    assert [seam.text for seam in lanes.seams] == ["Front desk → Billing"]
    assert lanes.end is not None
    assert lanes.end.text == "The caller was transferred"


@pytest.mark.parametrize(
    ("event", "name"), [("StopEvent", "stop"), ("TransferSessionEvent", "transfer_session")], ids=["stop", "transfer"]
)
def test_the_last_words_of_a_stop_or_a_transfer_are_said_like_any_line(event: str, name: str) -> None:
    script = Script(5.0)
    out = script.emitted(1.0, event, name, {"closing_speech": "Bye now.", "voice": "nova"}, ("in-1", "run-1"), 9)
    say = {"id": "say-1", "cause": out}
    script.add(PLAY, "play_queued", 1.0, **say, data={"item": "speech", "out": out})
    script.add(PLAY, "play_queued", 1.0, id="end-1", cause=out, data={"item": name.partition("_")[0], "out": out})
    script.add(PLAY, "play_started", 1.2, **say, data={"item": "speech", "out": out, "sample": 28800})
    script.add(PLAY, "play_ended", 2.2, **say, data={"item": "speech", "out": out, "sample": 52800})
    lanes = read_all(script.session()).lanes
    assert rows(lanes, "said") == [("", Style.WAIT, 1.0, 0.2), ("“Bye now.”  nova", Style.SOUND, 1.2, 1.0)]
    assert len(rows(lanes, "out")) == 1


def test_a_line_that_is_dropped_behind_another_leaves_that_ones_words_alone() -> None:
    script = Script(5.0)
    by = ("in-1", "run-1")
    first = script.emitted(1.0, "TextToSpeechEvent", "text_to_speech", {"text": "A notice.", "voice": "nova"}, by, 9)
    second = script.emitted(1.0, "TextToSpeechEvent", "text_to_speech", {"text": "More.", "voice": "nova"}, by, 10)
    script.add(
        PLAY, "play_started", 1.0, id="say-1", cause=first, data={"item": "speech", "out": first, "sample": 24000}
    )
    script.add(PLAY, "play_ended", 3.0, id="say-1", cause=first, data={"item": "speech", "out": first, "sample": 72000})
    script.add(PLAY, "play_dropped", 3.0, id="say-2", cause=second, data={"item": "speech", "out": second})
    assert rows(read_all(script.session()).lanes, "said") == [
        ("“A notice.”  nova", Style.SOUND, 1.0, 2.0),
        ("", Style.WAIT, 1.0, 2.0),
        ("never heard  “More.”  nova", Style.DROPPED, 3.0, 0.0),
    ]


def test_the_last_words_of_a_stop_without_effect_are_not_said() -> None:
    script = Script(5.0)
    script.emitted(1.0, "StopEvent", "stop", {"closing_speech": "Bye now."}, ("in-1", "run-1"), 9)
    assert rows(read_all(script.session()).lanes, "said") == []


def test_speech_that_failed_is_marked_among_the_notices() -> None:
    script = Script(5.0)
    script.add(SPEECH, "speech_failed", 1.0, id="say-1", level="error", message="It broke off.", data={"out": "out-1"})
    assert rows(read_all(script.session()).lanes, "notices") == [("speech failed", Style.ERROR, 1.0, 0.0)]
