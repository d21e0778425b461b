import numpy as np

from studio.app.timeline.lanes import Lanes
from studio.app.timeline.spans import Style
from studio.sessions.records import NS
from tests.app.synthetic import Script, SyntheticSession, conversation


def everything(lanes: Lanes) -> object:
    tables = {
        key: [
            (*row, table.label(handle))
            for *row, handle in zip(
                *(column.tolist() for column in (r.start, r.end, r.style, r.place, r.handle)), strict=True
            )
        ]
        for key, table in lanes.tables.items()
        for r in (table.all(),)
    }
    return tables, lanes.cuts, lanes.unheard, lanes.thresholds, lanes.places, lanes.turns


def texts(lanes: Lanes, key: str) -> list[str]:
    return [lanes.tables[key].label(handle) for handle in lanes.tables[key].all().handle.tolist()]


def read(data: SyntheticSession) -> Lanes:
    lanes = Lanes(data)
    lanes.read()
    return lanes


def test_record_by_record_gives_the_same_as_all_at_once() -> None:
    grown = conversation()
    whole_end = grown.end_ns
    lanes = Lanes(grown)
    for time in np.linspace(0, whole_end, 180).astype(int).tolist():
        grown.grow_to(time)
        lanes.read()
    assert everything(lanes) == everything(read(conversation()))


def test_speech_is_told_apart_by_waiting_sounding_and_never_heard() -> None:
    lanes = read(conversation())
    rows = lanes.tables["said"].all()
    cut = lanes.cuts[0]
    place = rows.place[rows.style == Style.UNHEARD][0]
    parts = [
        (int(s), int(e), Style(int(k)))
        for s, e, k, p in zip(rows.start, rows.end, rows.style, rows.place, strict=True)
        if p == place
    ]
    assert [style for *_, style in parts] == [Style.WAIT, Style.SOUND, Style.UNHEARD]
    assert parts[0][1] == parts[1][0]
    assert parts[1][1] == parts[2][0] == cut.time
    assert abs((parts[2][1] - parts[1][0]) - 4.9 * NS) < NS // 1000


def test_a_failed_run_is_an_error_with_its_kind() -> None:
    lanes = read(conversation())
    rows = lanes.tables["handler"].all()
    failed = rows.handle[rows.style == Style.ERROR].tolist()
    assert [lanes.tables["handler"].label(handle) for handle in failed] == ["run 4  KeyError"]


def test_partials_become_the_final_text_at_its_place() -> None:
    lanes = read(conversation())
    rows = lanes.tables["words"].all()
    assert texts(lanes, "words")[0] == "I need an appointment on Tuesday."
    assert abs(int(rows.start[0]) - 5.04 * NS) < NS // 1000
    assert set(rows.style.tolist()) == {Style.TEXT}


def test_the_wait_for_the_end_of_turn_ends_where_the_turn_ended() -> None:
    lanes = read(conversation())
    rows = lanes.tables["turn"].all()
    waits = (rows.end - rows.start)[rows.style == Style.WAIT]
    assert waits.tolist() == [500_000_000] * 3
    assert any(text == "turn 2  waited 500 ms" for text in texts(lanes, "turn"))


def test_a_changed_threshold_holds_from_then_on() -> None:
    assert read(conversation()).thresholds == [(0, 0.5)]


def test_only_what_changed_has_to_be_painted_again() -> None:
    data = conversation()
    data.grow_to(10 * NS)
    lanes = read(data)
    seen = lanes.revision
    assert lanes.changed_since(seen, data.end_ns) is None
    data.grow_to(12 * NS)
    lanes.read()
    since, until = lanes.changed_since(seen, data.end_ns) or (0, 0)
    assert 8 * NS < since < until == 12 * NS


def interrupted() -> SyntheticSession:
    """A line that is cut after 2 of 5 seconds, and the next one 0.6 s later."""
    script = Script(9)
    run = script.given(0.2, "StartEvent", "start", {}, 0.1)
    script.says(0.4, "A very long line that nobody listens to until its end.", run, length=5.0, cut_at=2.5)
    script.says(3.0, "Then I say this instead.", run, length=2.0, wait=0.1)
    return script.session()


def test_what_was_never_heard_ends_where_the_next_line_sounds() -> None:
    lanes = read(interrupted())
    rows = lanes.tables["said"].all()
    pale = rows.end[rows.style == Style.UNHEARD].tolist()
    next_sounds = int(rows.start[rows.style == Style.SOUND][-1])
    assert pale == [next_sounds]
    assert [rest.end for rest in lanes.unheard] == [next_sounds]


def test_the_place_of_what_was_never_heard_is_painted_again_when_the_next_line_sounds() -> None:
    data = interrupted()
    data.grow_to(round(2.9 * NS))
    lanes = read(data)
    seen, pale_end = lanes.revision, lanes.unheard[0].end
    data.grow_to(round(3.4 * NS))
    lanes.read()
    assert lanes.unheard[0].end < pale_end
    since, until = lanes.changed_since(seen, data.end_ns) or (0, 0)
    assert since <= round(2.5 * NS)
    assert until >= pale_end


def test_a_line_that_sounds_at_once_is_one_bar_with_its_label() -> None:
    script = Script(6)
    run = script.given(0.2, "StartEvent", "start", {}, 0.1)
    script.says(0.4, "Said with no wait.", run, length=2.0, wait=0.001)
    started = next(row for row in script.rows if row["event"] == "play_started")
    started["publish_time"] = round(0.398 * NS)
    lanes = read(script.session())
    rows = lanes.tables["said"].all()
    assert rows.style.tolist() == [Style.SOUND]
    assert texts(lanes, "said") == ["“Said with no wait.”  nova"]
