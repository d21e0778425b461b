"""Shared data: a table or a file of the project."""

import pytest

from tests.runtime.gateway.conftest import Desk


def value(desk: Desk, key: str) -> object:
    return desk.ask({"key": key}, service="shared_data")[0][1]["data"]["data"]


def test_a_table_of_the_settings(desk: Desk):
    desk.settings["shared_data"] = {"lead:7": {"name": "Maria"}}
    assert value(desk, "lead:7") == {"name": "Maria"}


def test_a_file_beside_the_settings(desk: Desk):
    desk.settings["shared_data"] = "shared.json"
    desk.script('{"lead:7": [1, null]}', "shared.json")
    assert value(desk, "lead:7") == [1, None]


def test_dates_are_texts(desk: Desk):
    desk.settings["shared_data"] = "shared.toml"
    desk.script("day = 2026-01-31", "shared.toml")
    assert value(desk, "day") == "2026-01-31"


def test_a_key_that_is_not_there(desk: Desk):
    assert desk.refused({"key": "x"}, service="shared_data").status == 404
    assert not desk.records


@pytest.mark.parametrize("source", [3, "missing.json"])
def test_a_store_that_cannot_be_read_is_noted_once(desk: Desk, source: object):
    desk.settings["shared_data"] = source

    async def twice(gateway):
        for _ in range(2):
            with pytest.raises(Exception, match="shared"):
                await anext(gateway.answer("shared_data", {"key": "x"}, None))

    desk.run(twice)
    assert [record.event for record in desk.records] == ["shared_data_unreadable"]
