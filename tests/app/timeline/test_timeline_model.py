from studio.app.timeline.timeline_model import TimelineModel
from studio.sessions.records import NS
from tests.app.synthetic import conversation
from tests.app.time_views import read_all


def test_refresh_says_changed_only_when_something_is_new() -> None:
    data = conversation()
    data.grow_to(10 * NS)
    model = TimelineModel(data)
    model.refresh()
    told: list[None] = []
    model.changed.connect(lambda: told.append(None))
    model.refresh()
    assert not told
    data.grow_to(11 * NS)
    model.refresh()
    assert len(told) == 1


def test_search_finds_records_by_their_words_and_walks_around_the_ends() -> None:
    model = read_all(conversation())
    model.find("sister")
    while not model.search.complete(model.data):
        model.refresh()
    found = list(model.search.matches)
    assert len(found) > 2
    for expected in [*found, found[0]]:
        model.find_next(1)
        assert model.selection == expected
    model.find_next(-1)
    assert model.selection == found[-1]


def test_a_search_without_a_match_selects_nothing() -> None:
    model = read_all(conversation())
    model.find("zebra")
    model.refresh(1.0)
    model.find_next(1)
    assert model.selection is None


def test_walking_visits_every_visible_record_once_in_order() -> None:
    model = read_all(conversation())
    expected = {
        place
        for lane in model.visible_lanes()
        if lane.key in model.lanes.tables
        for place in model.lanes.tables[lane.key].all().place.tolist()
    }
    model.select(min(expected))
    walked = [model.selection]
    while model.select_neighbour(1):
        walked.append(model.selection)
    assert walked == sorted(expected)
    while model.select_neighbour(-1):
        walked.pop()
    assert len(walked) == 1


def test_selecting_by_id_brings_it_into_view() -> None:
    model = read_all(conversation())
    model.axis.show(0, NS)
    model.select_id("in-4")
    assert model.data.record(model.selection).id == "in-4"
    assert model.axis.start < model.time_of(model.selection) < model.axis.end


def test_notices_get_a_lane_only_when_there_is_one() -> None:
    empty = TimelineModel()
    assert "notices" not in [lane.key for lane in empty.visible_lanes()]
    assert "notices" in [lane.key for lane in read_all(conversation()).visible_lanes()]


def test_another_session_starts_afresh() -> None:
    model = read_all(conversation())
    model.select(3)
    model.open(None)
    assert model.selection is None
    assert model.lanes is None
    assert model.complete
