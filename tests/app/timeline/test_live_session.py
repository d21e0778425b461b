"""The timeline over the real live session, fed the way the engine's batches feed it."""

from typing import Any

from studio.app.timeline.canvas import TimelineCanvas
from studio.app.timeline.timeline_model import TimelineModel
from studio.sessions.live import LiveSession
from studio.sessions.records import AUDIO_SPEECH, NS, AudioBlock
from tests.app.synthetic import SyntheticSession, conversation
from tests.app.time_views import read_all

BATCH = NS // 4


def feed(live: LiveSession, source: SyntheticSession, start: int, end: int) -> None:
    """Everything of the source that happened in [start, end)."""
    live.apply_records([record for record in source.records() if start <= record.log_time < end])
    for topic, id in source.streams:
        track = source.track(topic, id)
        if track is None:
            continue
        first, last = track.sample_at(start), track.sample_at(end)
        if last > first:
            pcm = track.samples(first, last).tobytes()
            live.apply_audio(AudioBlock(topic, end, track.time_of(first), first, track.rate, pcm, id))
    times, odds = source.vad()
    window = int(times[1] - times[0])
    low, high = start // window, end // window
    if high > low and low < len(odds):
        live.apply_vad(low * 512, 512, odds[low:high].tolist())


def test_a_live_session_gives_the_lanes_of_the_whole(qtbot: Any) -> None:
    source = conversation()
    live = LiveSession("live-1")
    model = TimelineModel(live)
    canvas = TimelineCanvas(model, "")
    qtbot.addWidget(canvas)
    canvas.resize(1000, 420)
    for start in range(0, source.end_ns, BATCH):
        feed(live, source, start, min(start + BATCH, source.end_ns + 1))
        model.refresh(1.0)
        canvas.grab()
    expected = read_all(source).lanes
    assert model.lanes is not None
    assert expected is not None
    assert model.lanes.cuts == expected.cuts
    for key, table in expected.tables.items():
        assert model.lanes.tables[key].all().start.tolist() == table.all().start.tolist()
        assert model.lanes.tables[key].all().style.tolist() == table.all().style.tolist()


def test_unheard_speech_of_a_live_session_is_painted(qtbot: Any) -> None:
    source = conversation()
    live = LiveSession("live-1")
    feed(live, source, 0, 13 * NS)
    model = TimelineModel(live)
    model.refresh(1.0)
    assert [rest.id for rest in model.lanes.unheard] == ["say-2"]
    assert live.track(AUDIO_SPEECH, "say-2") is not None
