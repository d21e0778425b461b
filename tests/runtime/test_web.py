"""Requests of a session in real time: beside the loop, bounded, to this machine without a proxy."""

import asyncio

import pytest

from studio.runtime.web import WebError, get, host_of, post_json
from tests.loopback_server import Answer, LoopbackServer


@pytest.fixture
def server():
    with LoopbackServer() as server:
        server.open()
        yield server


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://localhost:8000/a", "localhost"),
        ("https://127.0.0.1/a", "127.0.0.1"),
        ("http://[::1]:80/", "::1"),
        ("http://user@example.com/", "example.com"),
        ("ftp://localhost/", ""),
        ("http://host:port/", ""),
        ("http://[::1", ""),
        ("nothing", ""),
    ],
)
def test_the_host_of_an_address(url, host):
    assert host_of(url) == host


async def test_the_loop_runs_on_while_a_request_is_under_way(server):
    gone_on = asyncio.Event()
    server.answers["/a"] = Answer(b"sound", type="audio/mpeg; rate=1")
    asyncio.get_running_loop().call_soon(gone_on.set)
    assert await get(server.url + "/a", most_bytes=5, within_s=5, may_reach=lambda url: "") == (b"sound", "audio/mpeg")
    assert gone_on.is_set()


async def test_this_machine_is_reached_without_a_proxy(server, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    server.answers["/a"] = Answer(status=201)
    assert await post_json(server.url + "/a", {"a": 1}, within_s=5) == 201
    assert server.posted == [{"a": 1}]


@pytest.mark.parametrize(("status", "lasting"), [(302, True), (404, True), (429, False), (500, False), (503, False)])
async def test_what_is_worth_another_attempt(server, status, lasting):
    server.answers["/a"] = Answer(status=status, headers={"Location": "/b"} if status == 302 else {})
    with pytest.raises(WebError) as caught:
        await post_json(server.url + "/a", {}, within_s=5)
    assert (caught.value.status, caught.value.lasting) == (status, lasting)
    assert server.asked == ["POST /a"]


async def test_an_address_with_forbidden_characters_is_told(server):
    with pytest.raises(WebError, match="not a valid one"):
        await post_json(server.url + "/a\r\nb", {}, within_s=5)
